//! Which of the framework's resets were asked for.
//!
//! nice-plug 0.4.2 resets the plugin whenever a host starts processing, and not only when it asks for a reset. Some hosts
//! stop and start around each block (Element): what is delayed then never came out. CLAP says that a plugin keeps its state
//! over a stop; it begins again with an activation or a reset.
//!
//! In VST3 a stop and a start are the only reset that there is, and hosts may mean either. One that plays, and has had a
//! single block between its starts for some times in a row, does it around each block.

use std::cell::Cell;

/// So many times: up to a fifth of a second. A host that announces a render in its set-up is always believed.
const ENOUGH_SINGLE_BLOCKS: u32 = 8;

thread_local! {
    /// Whether this thread is within a VST3 host's start.
    static IS_IN_START: Cell<bool> = const { Cell::new(false) };
    /// Within a VST3 host's block: whether it was counted. The framework cuts a block at each point of automation.
    static IS_COUNTED: Cell<Option<bool>> = const { Cell::new(None) };
}

/// Runs a VST3 host's call that starts processing, or stops it.
pub(super) fn in_start<T>(start: impl FnOnce() -> T) -> T {
    let before = IS_IN_START.replace(true);
    let result = start();
    IS_IN_START.set(before);
    result
}

/// Runs a VST3 host's block.
pub(super) fn in_block<T>(play: impl FnOnce() -> T) -> T {
    let before = IS_COUNTED.replace(Some(false));
    let result = play();
    IS_COUNTED.set(before);
    result
}

/// Tells a start's reset from a host's. In CLAP starts come after an activation or a stop, one for each.
/// Wait-free, no allocation.
#[derive(Debug, Default)]
pub(super) struct Starts {
    is_due: bool,
    renders: bool,
    /// Since the last start.
    blocks: u32,
    /// Starts in a row with one block before each.
    single_blocks: u32,
}

impl Starts {
    /// The plugin was activated, to play or to render: the framework's next reset is the start's.
    pub(super) fn begin(&mut self, renders: bool) {
        *self = Self { is_due: true, renders, ..Self::default() };
    }

    /// The plugin was stopped: the framework's next reset is the start's.
    pub(super) fn expect(&mut self) {
        self.is_due = true;
    }

    /// A block, or a part of one, is played.
    pub(super) fn note_block(&mut self) {
        let is_counted = IS_COUNTED.get();
        if is_counted != Some(true) {
            self.blocks = self.blocks.saturating_add(1);
        }
        IS_COUNTED.set(is_counted.map(|_| true));
    }

    /// Whether this reset is a host's. One that comes before the start is taken for the start's, and the start's for it.
    pub(super) fn is_reset(&mut self) -> bool {
        let blocks = std::mem::take(&mut self.blocks);
        self.single_blocks = if blocks == 1 { self.single_blocks.saturating_add(1) } else { 0 };
        let is_around_block = IS_IN_START.get() && !self.renders && self.single_blocks > ENOUGH_SINGLE_BLOCKS;
        !std::mem::take(&mut self.is_due) && !is_around_block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the starts or resets, with so many blocks before each, are resets.
    fn resets(starts: &mut Starts, blocks: &[u32]) -> usize {
        let mut is_reset = |&blocks: &u32| {
            (0..blocks).for_each(|_| starts.note_block());
            starts.is_reset()
        };
        blocks.iter().filter(|blocks| is_reset(blocks)).count()
    }

    #[test]
    fn a_stop_and_a_start_are_no_reset_and_a_reset_between_them_is_one() {
        let mut starts = Starts::default();
        starts.begin(false);
        assert_eq!(resets(&mut starts, &[0]), 0, "the start after an activation");
        starts.expect();
        assert_eq!(resets(&mut starts, &[0]), 0, "the start after a stop");
        assert_eq!(resets(&mut starts, &[0]), 1, "while it runs");
        starts.expect();
        assert_eq!(resets(&mut starts, &[0, 0]), 1, "a reset while it is stopped, and the start");
        assert_eq!(resets(&mut starts, &[1; 20]), 20, "a host that asks for it after each block");
    }

    #[test]
    fn starts_of_a_vst3_host_that_plays_are_resets_until_there_is_one_for_each_block() {
        let begun = |renders| {
            let mut starts = Starts::default();
            starts.begin(renders);
            assert_eq!(resets(&mut starts, &[0]), 0);
            starts
        };
        in_start(|| {
            assert_eq!(resets(&mut begun(false), &[1; 20]), 8);
            assert_eq!(resets(&mut begun(true), &[1; 20]), 20, "a render's are resets");
            assert_eq!(resets(&mut begun(false), &[5; 20]), 20, "between songs");
            let mut starts = begun(false);
            resets(&mut starts, &[1; 20]);
            in_block(|| (0..3).for_each(|_| starts.note_block()));
            assert!(!starts.is_reset(), "a block in three parts is one");
            assert_eq!(resets(&mut starts, &[2, 1, 0, 1]), 4, "no longer around each block");
        });
    }
}
