"""HiGHS as a quiet library: nothing on stdout, one thread, the same answer every time."""

import highspy


class QuietHighs(highspy.Highs):
    """HiGHS without its greeting: the callbacks its own constructor subscribes print one."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            self.setOptionValue(name, value)
