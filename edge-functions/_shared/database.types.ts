// Generated from the migrations by `just functions-generate`; a test keeps it true.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "allocation_planner_runs": {
        Row: {
          "allocation_run": string;
          "attempt": number;
          "claimed_at": string | null;
          "constraints": Json | null;
          "contract": number | null;
          "created_at": string;
          "deadline_at": string | null;
          "finished_at": string | null;
          "heartbeat_at": string | null;
          "id": string;
          "idempotency_key": string | null;
          "input_version": string | null;
          "lane": string | null;
          "launched_at": string;
          "launches": number;
          "message": string | null;
          "n_job_lines": number;
          "options": NonNullable<Json>;
          "org": string;
          "progress": Json | null;
          "reason": string | null;
          "requested_by": string | null;
          "result_metadata": Json | null;
          "runner": string | null;
          "status": string;
          "token": string | null;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "attempt"?: number;
          "claimed_at"?: string | null;
          "constraints"?: Json | null;
          "contract"?: number | null;
          "created_at"?: string;
          "deadline_at"?: string | null;
          "finished_at"?: string | null;
          "heartbeat_at"?: string | null;
          "id"?: string;
          "idempotency_key"?: string | null;
          "input_version"?: string | null;
          "lane"?: string | null;
          "launched_at"?: string;
          "launches"?: number;
          "message"?: string | null;
          "n_job_lines": number;
          "options"?: NonNullable<Json>;
          "org": string;
          "progress"?: Json | null;
          "reason"?: string | null;
          "requested_by"?: string | null;
          "result_metadata"?: Json | null;
          "runner"?: string | null;
          "status"?: string;
          "token"?: string | null;
        };
        Update: {
          "allocation_run"?: string;
          "attempt"?: number;
          "claimed_at"?: string | null;
          "constraints"?: Json | null;
          "contract"?: number | null;
          "created_at"?: string;
          "deadline_at"?: string | null;
          "finished_at"?: string | null;
          "heartbeat_at"?: string | null;
          "id"?: string;
          "idempotency_key"?: string | null;
          "input_version"?: string | null;
          "lane"?: string | null;
          "launched_at"?: string;
          "launches"?: number;
          "message"?: string | null;
          "n_job_lines"?: number;
          "options"?: NonNullable<Json>;
          "org"?: string;
          "progress"?: Json | null;
          "reason"?: string | null;
          "requested_by"?: string | null;
          "result_metadata"?: Json | null;
          "runner"?: string | null;
          "status"?: string;
          "token"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "a_round_with_runs_is_closed_not_deleted";
            columns: ["org", "allocation_run"];
            isOneToOne: false;
            referencedRelation: "allocation_runs";
            referencedColumns: ["org", "id"];
          },
          {
            foreignKeyName: "allocation_planner_runs_org";
            columns: ["org"];
            isOneToOne: false;
            referencedRelation: "orgs";
            referencedColumns: ["id"];
          },
        ];
      };
      "allocation_runs": {
        Row: {
          "affinity": Json | null;
          "annual_leave_weeks": number | null;
          "constraints": NonNullable<Json>;
          "created_at": string;
          "id": string;
          "n_job_lines": number | null;
          "name": string;
          "options": NonNullable<Json>;
          "org": string;
          "pathways": Json | null;
          "provenance": string | null;
          "status": string;
        };
        ComputedFields: never;
        Insert: {
          "affinity"?: Json | null;
          "annual_leave_weeks"?: number | null;
          "constraints"?: NonNullable<Json>;
          "created_at"?: string;
          "id"?: string;
          "n_job_lines"?: number | null;
          "name": string;
          "options"?: NonNullable<Json>;
          "org": string;
          "pathways"?: Json | null;
          "provenance"?: string | null;
          "status"?: string;
        };
        Update: {
          "affinity"?: Json | null;
          "annual_leave_weeks"?: number | null;
          "constraints"?: NonNullable<Json>;
          "created_at"?: string;
          "id"?: string;
          "n_job_lines"?: number | null;
          "name"?: string;
          "options"?: NonNullable<Json>;
          "org"?: string;
          "pathways"?: Json | null;
          "provenance"?: string | null;
          "status"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "allocation_runs_org_fkey";
            columns: ["org"];
            isOneToOne: false;
            referencedRelation: "orgs";
            referencedColumns: ["id"];
          },
        ];
      };
      "job_line_sets": {
        Row: {
          "allocation_run": string;
          "constraints": Json | null;
          "org": string;
          "run": string | null;
          "verdict": Json | null;
          "written_at": string;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "constraints"?: Json | null;
          "org": string;
          "run"?: string | null;
          "verdict"?: Json | null;
          "written_at"?: string;
        };
        Update: {
          "allocation_run"?: string;
          "constraints"?: Json | null;
          "org"?: string;
          "run"?: string | null;
          "verdict"?: Json | null;
          "written_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "job_line_sets_org_allocation_run_fkey";
            columns: ["org", "allocation_run"];
            isOneToOne: false;
            referencedRelation: "allocation_runs";
            referencedColumns: ["org", "id"];
          },
          {
            foreignKeyName: "job_line_sets_org_run_fkey";
            columns: ["org", "run"];
            isOneToOne: false;
            referencedRelation: "allocation_planner_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "job_lines": {
        Row: {
          "allocation_run": string;
          "created_at": string;
          "id": string;
          "locked": boolean;
          "name": string;
          "org": string;
          "score": number | null;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "created_at"?: string;
          "id"?: string;
          "locked"?: boolean;
          "name": string;
          "org": string;
          "score"?: number | null;
        };
        Update: {
          "allocation_run"?: string;
          "created_at"?: string;
          "id"?: string;
          "locked"?: boolean;
          "name"?: string;
          "org"?: string;
          "score"?: number | null;
        };
        Relationships: [
          {
            foreignKeyName: "job_lines_org_allocation_run_fkey";
            columns: ["org", "allocation_run"];
            isOneToOne: false;
            referencedRelation: "allocation_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "job_lines_history": {
        Row: {
          "allocation_run": string;
          "constraints": Json | null;
          "created_at": string;
          "id": string;
          "kind": string;
          "lines": NonNullable<Json>;
          "made_by": string | null;
          "n_lines": number | null;
          "org": string;
          "restored_from": string | null;
          "run": string;
          "verdict": Json | null;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "constraints"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "kind": string;
          "lines": NonNullable<Json>;
          "made_by"?: string | null;
          "n_lines"?: never;
          "org": string;
          "restored_from"?: string | null;
          "run": string;
          "verdict"?: Json | null;
        };
        Update: {
          "allocation_run"?: string;
          "constraints"?: Json | null;
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "lines"?: NonNullable<Json>;
          "made_by"?: string | null;
          "n_lines"?: never;
          "org"?: string;
          "restored_from"?: string | null;
          "run"?: string;
          "verdict"?: Json | null;
        };
        Relationships: [
          {
            foreignKeyName: "job_lines_history_org_allocation_run_run_fkey";
            columns: ["org", "allocation_run", "run"];
            isOneToOne: false;
            referencedRelation: "allocation_planner_runs";
            referencedColumns: ["org", "allocation_run", "id"];
          },
          {
            foreignKeyName: "job_lines_history_org_restored_from_fkey";
            columns: ["org", "restored_from"];
            isOneToOne: false;
            referencedRelation: "job_lines_history";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "leave_blocks": {
        Row: {
          "allocation_run": string;
          "job_line": string;
          "org": string;
          "start_week": number;
          "weeks": number;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "job_line": string;
          "org": string;
          "start_week": number;
          "weeks": number;
        };
        Update: {
          "allocation_run"?: string;
          "job_line"?: string;
          "org"?: string;
          "start_week"?: number;
          "weeks"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "leave_blocks_org_allocation_run_job_line_fkey";
            columns: ["org", "allocation_run", "job_line"];
            isOneToOne: false;
            referencedRelation: "job_lines";
            referencedColumns: ["org", "allocation_run", "id"];
          },
        ];
      };
      "org_members": {
        Row: {
          "org": string;
          "role": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "org": string;
          "role": string;
          "user_id": string;
        };
        Update: {
          "org"?: string;
          "role"?: string;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "org_members_org_fkey";
            columns: ["org"];
            isOneToOne: false;
            referencedRelation: "orgs";
            referencedColumns: ["id"];
          },
        ];
      };
      "orgs": {
        Row: {
          "created_at": string;
          "id": string;
          "name": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "id"?: string;
          "name": string;
        };
        Update: {
          "created_at"?: string;
          "id"?: string;
          "name"?: string;
        };
        Relationships: [];
      };
      "planner_post_changes": {
        Row: {
          "allocation_run": string;
          "approved_by": string | null;
          "approvers": (string)[];
          "asked_at": string;
          "asked_by": string | null;
          "changes": NonNullable<Json>;
          "decided_at": string | null;
          "decided_by": string | null;
          "id": string;
          "org": string;
          "reference": string | null;
          "state": string;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "approved_by"?: string | null;
          "approvers": (string)[];
          "asked_at"?: string;
          "asked_by"?: string | null;
          "changes": NonNullable<Json>;
          "decided_at"?: string | null;
          "decided_by"?: string | null;
          "id"?: string;
          "org": string;
          "reference"?: string | null;
          "state"?: string;
        };
        Update: {
          "allocation_run"?: string;
          "approved_by"?: string | null;
          "approvers"?: (string)[];
          "asked_at"?: string;
          "asked_by"?: string | null;
          "changes"?: NonNullable<Json>;
          "decided_at"?: string | null;
          "decided_by"?: string | null;
          "id"?: string;
          "org"?: string;
          "reference"?: string | null;
          "state"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "planner_post_changes_org_allocation_run_fkey";
            columns: ["org", "allocation_run"];
            isOneToOne: false;
            referencedRelation: "allocation_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "planner_request_ledger": {
        Row: {
          "id": number;
          "kind": string;
          "org": string;
          "requested_at": string;
          "requested_by": string | null;
        };
        ComputedFields: never;
        Insert: {
          "id"?: never;
          "kind": string;
          "org": string;
          "requested_at"?: string;
          "requested_by"?: string | null;
        };
        Update: {
          "id"?: never;
          "kind"?: string;
          "org"?: string;
          "requested_at"?: string;
          "requested_by"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "planner_request_ledger_org_fkey";
            columns: ["org"];
            isOneToOne: false;
            referencedRelation: "orgs";
            referencedColumns: ["id"];
          },
        ];
      };
      "planner_run_inputs": {
        Row: {
          "input_version": string;
          "lines": Json | null;
          "org": string;
          "problem": NonNullable<Json>;
          "recorded_at": string;
          "run": string;
        };
        ComputedFields: never;
        Insert: {
          "input_version": string;
          "lines"?: Json | null;
          "org": string;
          "problem": NonNullable<Json>;
          "recorded_at"?: string;
          "run": string;
        };
        Update: {
          "input_version"?: string;
          "lines"?: Json | null;
          "org"?: string;
          "problem"?: NonNullable<Json>;
          "recorded_at"?: string;
          "run"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "planner_run_inputs_org_run_fkey";
            columns: ["org", "run"];
            isOneToOne: false;
            referencedRelation: "allocation_planner_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "planner_settings": {
        Row: {
          "deadline_seconds": number;
          "history_days": number;
          "history_keep": number;
          "history_megabytes_per_org": number;
          "inputs_days": number;
          "lane_scope": string;
          "last_swept_at": string | null;
          "lease_seconds": number;
          "logs_days": number;
          "max_attempts": number;
          "max_hourly_per_org": number;
          "max_hourly_restores_per_org": number;
          "max_launches": number;
          "max_waiting_per_org": number;
          "only_row": boolean;
          "relaunch_after_seconds": number;
          "start_deadline_seconds": number;
        };
        ComputedFields: never;
        Insert: {
          "deadline_seconds"?: number;
          "history_days"?: number;
          "history_keep"?: number;
          "history_megabytes_per_org"?: number;
          "inputs_days"?: number;
          "lane_scope"?: string;
          "last_swept_at"?: string | null;
          "lease_seconds"?: number;
          "logs_days"?: number;
          "max_attempts"?: number;
          "max_hourly_per_org"?: number;
          "max_hourly_restores_per_org"?: number;
          "max_launches"?: number;
          "max_waiting_per_org"?: number;
          "only_row"?: boolean;
          "relaunch_after_seconds"?: number;
          "start_deadline_seconds"?: number;
        };
        Update: {
          "deadline_seconds"?: number;
          "history_days"?: number;
          "history_keep"?: number;
          "history_megabytes_per_org"?: number;
          "inputs_days"?: number;
          "lane_scope"?: string;
          "last_swept_at"?: string | null;
          "lease_seconds"?: number;
          "logs_days"?: number;
          "max_attempts"?: number;
          "max_hourly_per_org"?: number;
          "max_hourly_restores_per_org"?: number;
          "max_launches"?: number;
          "max_waiting_per_org"?: number;
          "only_row"?: boolean;
          "relaunch_after_seconds"?: number;
          "start_deadline_seconds"?: number;
        };
        Relationships: [];
      };
      "positions": {
        Row: {
          "categories": (string)[];
          "clinical_team": boolean;
          "code": string | null;
          "community": boolean;
          "created_at": string;
          "excludable": boolean;
          "id": string;
          "name": string;
          "non_clinical": boolean;
          "org": string;
          "rural": boolean;
          "service": string | null;
          "site": string;
          "span_terms": number;
          "specialty": string;
          "subspecialty": string | null;
          "team": string | null;
        };
        ComputedFields: never;
        Insert: {
          "categories"?: (string)[];
          "clinical_team"?: boolean;
          "code"?: string | null;
          "community"?: boolean;
          "created_at"?: string;
          "excludable"?: boolean;
          "id"?: string;
          "name": string;
          "non_clinical"?: boolean;
          "org": string;
          "rural"?: boolean;
          "service"?: string | null;
          "site": string;
          "span_terms"?: number;
          "specialty": string;
          "subspecialty"?: string | null;
          "team"?: string | null;
        };
        Update: {
          "categories"?: (string)[];
          "clinical_team"?: boolean;
          "code"?: string | null;
          "community"?: boolean;
          "created_at"?: string;
          "excludable"?: boolean;
          "id"?: string;
          "name"?: string;
          "non_clinical"?: boolean;
          "org"?: string;
          "rural"?: boolean;
          "service"?: string | null;
          "site"?: string;
          "span_terms"?: number;
          "specialty"?: string;
          "subspecialty"?: string | null;
          "team"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "positions_org_fkey";
            columns: ["org"];
            isOneToOne: false;
            referencedRelation: "orgs";
            referencedColumns: ["id"];
          },
        ];
      };
      "posts": {
        Row: {
          "allocation_run": string;
          "org": string;
          "position": string;
          "posts_max": number;
          "posts_min": number;
          "term": string;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "org": string;
          "position": string;
          "posts_max"?: number;
          "posts_min"?: number;
          "term": string;
        };
        Update: {
          "allocation_run"?: string;
          "org"?: string;
          "position"?: string;
          "posts_max"?: number;
          "posts_min"?: number;
          "term"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "posts_org_allocation_run_term_fkey";
            columns: ["org", "allocation_run", "term"];
            isOneToOne: false;
            referencedRelation: "terms";
            referencedColumns: ["org", "allocation_run", "id"];
          },
          {
            foreignKeyName: "posts_org_position_fkey";
            columns: ["org", "position"];
            isOneToOne: false;
            referencedRelation: "positions";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "rotations": {
        Row: {
          "allocation_run": string;
          "job_line": string;
          "org": string;
          "position": string;
          "term": string;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "job_line": string;
          "org": string;
          "position": string;
          "term": string;
        };
        Update: {
          "allocation_run"?: string;
          "job_line"?: string;
          "org"?: string;
          "position"?: string;
          "term"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "rotations_hold_posts";
            columns: ["org", "allocation_run", "term", "position"];
            isOneToOne: false;
            referencedRelation: "posts";
            referencedColumns: ["org", "allocation_run", "term", "position"];
          },
          {
            foreignKeyName: "rotations_org_allocation_run_job_line_fkey";
            columns: ["org", "allocation_run", "job_line"];
            isOneToOne: false;
            referencedRelation: "job_lines";
            referencedColumns: ["org", "allocation_run", "id"];
          },
        ];
      };
      "system_logs": {
        Row: {
          "context": NonNullable<Json>;
          "created_at": string;
          "id": number;
          "level": string;
          "message": string;
          "org": string | null;
          "run": string | null;
          "source": string;
        };
        ComputedFields: never;
        Insert: {
          "context"?: NonNullable<Json>;
          "created_at"?: string;
          "id"?: never;
          "level"?: string;
          "message": string;
          "org"?: string | null;
          "run"?: string | null;
          "source"?: string;
        };
        Update: {
          "context"?: NonNullable<Json>;
          "created_at"?: string;
          "id"?: never;
          "level"?: string;
          "message"?: string;
          "org"?: string | null;
          "run"?: string | null;
          "source"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "system_logs_org_run_fkey";
            columns: ["org", "run"];
            isOneToOne: false;
            referencedRelation: "allocation_planner_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
      "terms": {
        Row: {
          "allocation_run": string;
          "id": string;
          "number": number;
          "org": string;
          "starts_on": string | null;
          "weeks": number;
        };
        ComputedFields: never;
        Insert: {
          "allocation_run": string;
          "id"?: string;
          "number": number;
          "org": string;
          "starts_on"?: string | null;
          "weeks": number;
        };
        Update: {
          "allocation_run"?: string;
          "id"?: string;
          "number"?: number;
          "org"?: string;
          "starts_on"?: string | null;
          "weeks"?: number;
        };
        Relationships: [
          {
            foreignKeyName: "terms_org_allocation_run_fkey";
            columns: ["org", "allocation_run"];
            isOneToOne: false;
            referencedRelation: "allocation_runs";
            referencedColumns: ["org", "id"];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "planner_apply_post_change": {
        Args: { "p_approved_by": string; "p_change": string; "p_reference"?: string };
        Returns: Json;
      };
      "planner_ask_post_change": {
        Args: { "p_allocation_run": string; "p_changes": Json };
        Returns: Json;
      };
      "planner_cancel_run": { Args: { "p_run": string }; Returns: string };
      "planner_claim_next": { Args: { "p_contract": number; "p_runner": string }; Returns: Json };
      "planner_claim_run": {
        Args: { "p_contract": number; "p_run": string; "p_runner": string };
        Returns: Json;
      };
      "planner_commit_lines": {
        Args: { "p_lines": Json; "p_result": Json; "p_run": string; "p_token": string };
        Returns: string;
      };
      "planner_contract_version": { Args: Record<PropertyKey, never>; Returns: number };
      "planner_diff_lines": { Args: { "p_from": string; "p_to"?: string }; Returns: Json };
      "planner_fail_launch": { Args: { "p_reason": string; "p_run": string }; Returns: string };
      "planner_finish_run": {
        Args: {
          "p_message": string;
          "p_reason": string;
          "p_result": Json;
          "p_run": string;
          "p_status": string;
          "p_token": string;
        };
        Returns: string;
      };
      "planner_give_up_claim": {
        Args: { "p_message": string; "p_reason": string; "p_runner": string };
        Returns: string;
      };
      "planner_health": { Args: Record<PropertyKey, never>; Returns: Json };
      "planner_heartbeat": {
        Args: { "p_progress": Json; "p_run": string; "p_token": string };
        Returns: string;
      };
      "planner_list_history": { Args: { "p_allocation_run": string }; Returns: Json };
      "planner_log": { Args: { "p_rows": Json }; Returns: number };
      "planner_logs": { Args: { "p_most"?: number; "p_run": string }; Returns: Json };
      "planner_queue_position": { Args: { "p_run": string }; Returns: number };
      "planner_recording": { Args: { "p_run": string }; Returns: Json };
      "planner_restore_lines": { Args: { "p_history": string }; Returns: Json };
      "planner_sweep": { Args: { "p_dry_run"?: boolean }; Returns: Json };
      "planner_undo_post_change": { Args: { "p_change": string }; Returns: Json };
      "planner_withdraw_post_change": { Args: { "p_change": string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
