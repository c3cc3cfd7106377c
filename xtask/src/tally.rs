//! Counts tests in what cargo and Python's unittest print.

use std::fmt;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One failure: of a run that broke before it could count.
    pub(crate) const BROKEN: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// A line such as `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; ...`; zeros for other lines
    /// and for runs of a selection: those are started by a test, which is counted itself.
    pub(crate) fn of_cargo_line(line: &str) -> Self {
        let Some((_, counts)) = line.split_once("test result:").and_then(|(_, rest)| rest.split_once(". ")) else {
            return Self::default();
        };
        let count = |what: &str| {
            let found = counts.split(';').find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok());
            found.unwrap_or(0)
        };
        if count("filtered out") > 0 {
            return Self::default();
        }
        Self { passed: count("passed"), failed: count("failed"), skipped: count("ignored") }
    }

    /// The last lines of a run of unittest: `Ran 9 tests in 1.2s` and `OK (skipped=1)` or `FAILED (failures=1, ...)`.
    pub(crate) fn of_unittest(text: &str) -> Option<Self> {
        let ran = text.lines().rev().find_map(|line| line.strip_prefix("Ran ")?.split(' ').next()?.parse().ok());
        let ran: u64 = ran?;
        let verdict =
            text.lines().rfind(|line| ["OK", "FAILED", "NO TESTS RAN"].iter().any(|word| line.starts_with(word)))?;
        let count = |what: &str| -> u64 {
            let inside = verdict.split_once('(').map_or("", |(_, inside)| inside.trim_end_matches(')'));
            let mut parts = inside.split(", ").filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| *name == what).and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
        };
        let failed = count("failures") + count("errors") + count("unexpected successes");
        let skipped = count("skipped");
        // A class whose preparation fails counts as an error, but not as a test that ran.
        Some(Self { passed: ran.saturating_sub(failed + skipped), failed, skipped })
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_are_counted() {
        let line = "test result: FAILED. 17 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 5.68s";
        assert_eq!(Tally::of_cargo_line(line), Tally { passed: 17, failed: 1, skipped: 2 });
        assert_eq!(Tally::of_cargo_line(&line.replace("0 filtered", "20 filtered")), Tally::default());
        assert_eq!(Tally::of_cargo_line("running 3 tests"), Tally::default());
        assert_eq!(Tally::of_cargo_line("the test result: is a matter of taste"), Tally::default());
    }

    #[test]
    fn unittest_verdicts_are_counted() {
        let count = |text| Tally::of_unittest(text);
        let tally = |passed, failed, skipped| Some(Tally { passed, failed, skipped });
        assert_eq!(count("..\n---\nRan 2 tests in 0.1s\n\nOK\n"), tally(2, 0, 0));
        assert_eq!(count("Ran 1 test in 0.1s\n\nOK (skipped=1)\n"), tally(0, 0, 1));
        assert_eq!(count("Ran 9 tests in 0.1s\n\nFAILED (failures=2, errors=1, skipped=3)\n"), tally(3, 3, 3));
        assert_eq!(count("Ran 0 tests in 0.1s\n\nFAILED (errors=1)\n"), tally(0, 1, 0));
        assert_eq!(count("Traceback (most recent call last):\n"), None);
    }

    #[test]
    fn the_tally_is_one_plain_line() {
        assert_eq!(Tally { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Tally { passed: 3, failed: 1, skipped: 2 }.to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
