"""Every number the solver was tuned with, once: its unit, what it does, and where it comes from.

Where no other source is given, a number was chosen on the problems of `tests/benchmarks/problems`
(10 to 2,000 lines) with `just bench` and `just bench-explain`. None of them changes what is legal
or what is called proven: they trade time and memory for quality. Tests set them aside
(`monkeypatch`) to reach every path on small problems.
"""

# Tolerances.

#: Share: rounding of a linear program's value.
LP_ROUNDING = 1e-8
#: Lines or posts: less than this of the master problem is nothing.
SURE = 1e-6
#: The same where posts and lines are counted for an explanation; HiGHS works to a millionth.
EXPLAIN_SURE = 1e-4
#: Points: a column's reduced cost must be better than this to be worth adding.
WORTH_A_LOOK = 1e-6
#: Points: what single precision may be off by in branch and bound.
FLOAT_ROUNDING = 0.01

# Model.

#: Things every line must hold that are kept as bits of a mask; more become caps on all else.
MOST_MASKS = 12

# Columns and pricing.

#: Cells (beginnings x types) extended at once: keeps memory flat and the stop signal heard.
CHUNK_CELLS = 2_000_000
#: Beginnings of columns: with more than this columns are not listed, but priced by branch and
#: bound.
MOST_LISTED = 1_500_000
#: Columns: whole arranged lines are listed up to this many.
MOST_ARRANGED_LISTED = 2_500_000
#: Columns priced at once where they are listed.
PRICING_SLICE = 400_000
#: Beginnings kept per level: in a quick look, in a closer one, and in a proof.
BEAM_QUICK, BEAM_CLOSER, BEAM_THOROUGH = 3_000, 30_000, 1_500_000
#: Points: a thorough search also keeps columns this much too dear, since prices move.
BEAM_MARGIN = 12.0
#: Threads that grow beginnings; what comes of them does not depend on how many.
PRICING_THREADS = 2

#: Columns worth adding that are looked at more closely for the price of their group.
MOST_ALIKE_LOOKED_AT = 100_000

# Master problem.

#: HiGHS's number for the primal simplex: the basis stays feasible when columns are added.
PRIMAL_SIMPLEX = 4
#: A bound this many times what is forgiven above the value is close enough to stop pricing.
CLOSE_ENOUGH = 1.5
#: Columns added at a time (and the best of each row), and known before some are forgotten.
MOST_COLUMNS_ADDED, MOST_COLUMNS_KNOWN = 1_000, 10_000
#: Seconds between two looks at the stop signal while CP-SAT finishes.
FINISH_TICK_SECONDS = 0.1

# Price-and-branch.

#: Floors searched, deals tried at each, and dives to a whole set for each deal.
MOST_FLOORS, MOST_DEALS, MOST_DIVES = 6, 8, 16
#: Choices of columns that did not fit into the terms after which whole lines in order are searched.
MISPLACED_CHOICES = 1
#: Share of the fractions of lines rounded up in one step of a dive.
DIVE_STEP = 0.15
#: Placements tried until one has room for leave; far seeds, so that they differ.
MOST_PLACEMENTS, OTHER_SEED = 3, 7_919
#: Columns, and orders of them, that an exact search takes on, and its work in CP-SAT's units.
PROOF_COLUMNS, PROOF_ORDERS, PROOF_UNITS = 6_000, 25_000, 10.0
#: Where the best floor is likely to be, as shares of the mean score of a line: looked at first.
FLOOR_GUESSES = (1.0, 0.86)
#: Share: a floor that promises this much more than the best set known is searched at once.
FLOOR_PROMISE = 0.02
#: Positions: with no more that may be dropped every set of them is tried.
MOST_TRIED_DROPS = 6
#: Lines fewer than the bound on their number that are tried where fewer are allowed.
MOST_FEWER_LINES = 3
#: Share: so many lines more than asked for are looked at for funded posts that stay empty.
MORE_LINES_LOOKED_AT = 0.25

# Small units.

#: Lines up to which, and beginnings of whole lines by position up to which, all are listed, and the
#: work allowed for the choice among them, in CP-SAT's units for each second that is left.
SMALL_LINES, SMALL_SEQUENCES, SMALL_UNITS_EACH = 12, 100_000, 0.3
#: Cells (lines x terms x positions) up to which the exact model is asked first, and its share of
#: the seconds that are left.
TINY_CELLS, SHARE_LINE_BY_LINE = 300, 0.6

# Local search, measured on `tests/benchmarks/families` (20 to 500 lines).

#: Points: one broken constraint; with 300 lines never became legal.
BREACH_COST = 5_000.0
#: Lines moved in one sweep, partners looked at for a swap, and free posts for an exchange.
MOVED_LINES, SWAP_PARTNERS, SEATS_LOOKED_AT = 32, 256, 64
#: Lengths of the segments that are swapped, drawn with equal chances.
SEGMENTS = (1, 1, 1, 2, 2, 3)
#: Sweeps between two looks at the floor, the step aimed above it as a share of the mean score of a
#: line, and the most a point below the aim counts.
FLOOR_SWEEPS, FLOOR_STEP, MOST_PULL = 20, 0.03, 20.0

#: Sweeps of the search for a first set beside the columns, and its noise at both ends, in points.
FIRST_SWEEPS, FIRST_NOISE = 1_500, (15.0, 0.5)
#: Seconds after its first set that it leaves the machine to the columns, which prove most answers.
FIRST_PAUSE_SECONDS = 3.0
#: Share of the time limit after which the columns leave the rest to polishing.
SHARE_OF_COLUMNS = 0.7
#: Rounds that polish an answer: noise at the beginning, in points, and sweeps; noise at the end.
POLISH_ROUNDS = ((2.0, 400), (6.0, 400), (2.0, 400), (12.0, 600), (3.0, 600))
POLISH_COLD = 0.4

# Assignment: types to terms, positions to types.

#: Points: one person beyond the accredited posts, and one beside the number aimed at.
OVERFULL_COST, BESIDE_AIM_COST = 1_000_000, 1
#: Rounds of settling two terms at a time, and shuffles before a placement is given up.
PLACEMENT_ROUNDS, PLACEMENT_SHUFFLES = 40, 24
#: Terms: longer years have too many orders to list; each line's are searched.
MOST_PERMUTED_TERMS = 6
#: Orders of one column that are kept, and sweeps over all lines.
MOST_ORDERS, ORDER_SWEEPS = 2_000, 60
#: Parts that prices of a cut are rounded to: any prices give a true cut.
CUT_PARTS = 60
#: Moves tried on a faulty line at a time, and rounds without fewer faulty lines.
DEAL_MOVES, DEAL_PATIENCE = 40, 12
#: Points: the cost of a set of positions that comes twice (a duplicate in the score).
REPEATED_SET_COST = 100

# Leave.

#: Sweeps over lines in crowded weeks.
LEAVE_SWEEPS = 12
#: Cost of one week over a cap; the other weights are against one week with all of a unit's people
#: away.
LEAVE_OVER_CAP = 1_000.0
LEAVE_EARLY_RELIEF, LEAVE_WHOLE_HOSPITAL, LEAVE_HALF_WISH = 0.3, 0.5, 0.5
#: Ways looked at for each split; more are sampled, always the same ones.
MOST_LEAVE_WAYS = 2_000
#: Weeks: blocks are kept this far apart where no rule says so and the year allows it.
LEAVE_APART_WEEKS = 8
#: Blocks suit best when they are even; one block of everything suits less than two.
LEAVE_UNEVEN, LEAVE_ONE_BLOCK = 0.15, 0.3
#: CP-SAT's deterministic units for one exact placing of leave.
LEAVE_UNITS = 10.0

# Explanations.

#: Seconds by the wall clock for verifying one repair; most take a second or two.
REPAIR_SECONDS = 20.0
#: Conflicts resolved one after the other before giving up.
MOST_CONFLICTS = 5
#: Points: the largest of the arbitrary affinities that make a question quick to settle.
ARBITRARY_AFFINITY = 100
#: Contradictions told in full, and cells named in a sentence; more would hide what matters.
MOST_TOLD, MOST_NAMED = 6, 8
#: Beginnings of columns beyond which verifying one more repair is not worth its time.
HEAVY_REPAIR = 700_000
#: Bounds of one rule, and numbers of lines, tried by solving before giving up on them.
REPAIR_TRIES = 3
#: Cells (lines x terms x positions) up to which a problem is also searched line by line, and the
#: CP-SAT units of one such search.
SMALL_CELLS, SMALL_UNITS = 1_500, 3.0
#: Places: a category is worth a sentence when it has fewer than this many for each line.
SCARCE_PLACES = 2
#: Lines: a funded post or a pathway's line that must be and is not costs more than any number of
#: them.
FORBIDDEN_COST = 1_000.0
#: Nodes HiGHS may search to make posts whole.
EXPLAIN_NODES = 200

# The exact model of small problems.

#: CP-SAT's deterministic units for each second of the time limit: fewer than it does in a second,
#: so that the work limit ends the search and the clock only an overloaded machine's.
UNITS_PER_SECOND = 0.4
#: Comparisons of two lines' positions up to which duplicates are counted inside the model.
MOST_COMPARISONS = 60_000
#: Cells (lines x terms x positions): more takes more memory than a runner has (4.9 GB were
#: measured at 500 lines of 150 positions).
MOST_CELLS = 200_000
#: Weeks on leave by line and position a model with leave may have.
MOST_ABSENCES = 400_000

# The watch.

#: Seconds between two looks at the stop signal, and between two reports of progress.
LOOK_SECONDS, REPORT_SECONDS = 0.1, 0.5
