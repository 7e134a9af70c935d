"""A Supabase project on this machine without Docker: real Postgres and PostgREST, stand-ins else.

For development and tests only; nothing here is shipped. `python -m local_stack` starts it.
"""

from local_stack.keys import Keys
from local_stack.stack import Options, Stack

__all__ = ["Keys", "Options", "Stack"]
