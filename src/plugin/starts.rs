//! Which of the framework's resets were asked for.
//!
//! nice-plug 0.4.2 resets the plugin whenever a host starts processing, and not only when it asks for a reset. Some hosts
//! stop and start around each block (Element): what is delayed then never came out. CLAP says that a plugin keeps its state
//! over a stop; it begins anew with an activation or a reset.

/// Tells a start's reset from a host's. Starts come after an activation or a stop, one for each.
#[derive(Debug, Default)]
pub(super) struct Starts {
    is_due: bool,
}

impl Starts {
    /// The plugin was activated, or stopped: the framework's next reset is the start's.
    pub(super) fn expect(&mut self) {
        self.is_due = true;
    }

    /// Whether this reset is a host's. One that comes before the start is taken for the start's, and the start's for it.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub(super) fn is_reset(&mut self) -> bool {
        !std::mem::take(&mut self.is_due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_and_a_start_are_no_reset_and_a_reset_between_them_is_one() {
        let mut starts = Starts::default();
        let resets = |starts: &mut Starts, calls: usize| (0..calls).filter(|_| starts.is_reset()).count();
        starts.expect();
        assert_eq!(resets(&mut starts, 1), 0, "the start after an activation");
        starts.expect();
        assert_eq!(resets(&mut starts, 1), 0, "the start after a stop");
        assert_eq!(resets(&mut starts, 1), 1, "while it runs");
        starts.expect();
        assert_eq!(resets(&mut starts, 2), 1, "a reset while it is stopped, and the start");
    }
}
