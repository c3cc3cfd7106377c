//! What the coming strikes of a track will play: decided a little before them, so that there is time to make it.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use super::recipe::Recipe;

/// Steps that are decided ahead at most: at 1/32 and 300 beats a minute four fall into the lead.
const AHEAD: usize = 16;

/// Hits that are asked for and not there yet.
const WAITING: usize = 8;

/// Of one track.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    steps: [Decision; AHEAD],
    next: usize,
    /// Keys of what was asked for; 0 is none.
    ordered: [u64; WAITING],
    next_order: usize,
    /// The key of what was asked for last without a strike in sight; 0 is none.
    asked_ahead: u64,
}

/// What a step plays.
#[derive(Clone, Copy, Debug)]
struct Decision {
    /// Where the step stands in the song, beats; NaN is nowhere.
    beats: f64,
    recipe: Recipe,
    /// In a loop the step comes again, and is decided again.
    is_played: bool,
}

impl Decision {
    const NONE: Self = Self { beats: f64::NAN, recipe: Recipe::NONE, is_played: true };
}

impl Default for Decided {
    fn default() -> Self {
        Self { steps: [Decision::NONE; AHEAD], next: 0, ordered: [0; WAITING], next_order: 0, asked_ahead: 0 }
    }
}

impl Decided {
    /// Another song begins: nothing of the last one holds. What is asked for still comes.
    pub fn forget(&mut self) {
        self.steps.fill(Decision::NONE);
    }

    /// What a step will play; the first word holds until it is played.
    pub fn decide(&mut self, beats: f64, recipe: Recipe) -> Recipe {
        match self.steps.iter_mut().find(|decision| decision.beats == beats) {
            Some(decision) if !decision.is_played => decision.recipe,
            Some(decision) => {
                *decision = Decision { beats, recipe, is_played: false };
                recipe
            }
            None => {
                self.steps[self.next] = Decision { beats, recipe, is_played: false };
                self.next = (self.next + 1) % AHEAD;
                recipe
            }
        }
    }

    /// What a step plays that is struck now: what was decided, or `recipe` where nothing was. Its ratchets are one hit.
    pub fn play(&mut self, beats: f64, recipe: Recipe) -> Recipe {
        match self.steps.iter_mut().find(|decision| decision.beats == beats) {
            Some(decision) => {
                decision.is_played = true;
                decision.recipe
            }
            None => self.decide(beats, recipe),
        }
    }

    /// Whether what was asked for without a strike in sight has not come yet: the next one waits for it, or those that move by
    /// the block would keep the worker from those that are struck.
    pub fn asks_ahead(&self) -> bool {
        self.asked_ahead != 0 && self.awaits(self.asked_ahead)
    }

    /// A hit has been asked for without a strike in sight.
    pub fn note_ask_ahead(&mut self, key: u64) {
        self.asked_ahead = key;
    }

    /// Whether a hit has been asked for and is awaited.
    pub fn awaits(&self, key: u64) -> bool {
        self.ordered.contains(&key)
    }

    /// A hit has been asked for.
    pub fn note_order(&mut self, key: u64) {
        self.ordered[self.next_order] = key;
        self.next_order = (self.next_order + 1) % WAITING;
    }

    /// A hit is there: it may be asked for again once it has left.
    pub fn note_arrival(&mut self, key: u64) {
        self.ordered.iter_mut().filter(|ordered| **ordered == key).for_each(|ordered| *ordered = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(draw: i64) -> Recipe {
        Recipe { draw, ..Recipe::default() }
    }

    #[test]
    fn the_first_word_on_a_step_holds_until_it_is_played_or_the_song_begins_anew() {
        let mut decided = Decided::default();
        assert_eq!(decided.decide(1.25, recipe(1)), recipe(1));
        assert_eq!(decided.decide(1.25, recipe(2)), recipe(1));
        assert_eq!(decided.decide(1.5, recipe(2)), recipe(2));
        assert_eq!([decided.play(1.25, recipe(7)), decided.play(1.25, recipe(8))], [recipe(1); 2]);
        assert_eq!([decided.decide(1.25, recipe(4)), decided.play(1.25, recipe(9))], [recipe(4); 2]);
        assert_eq!(decided.play(8.0, recipe(5)), recipe(5));
        decided.forget();
        assert_eq!(decided.decide(1.25, recipe(3)), recipe(3));
    }

    #[test]
    fn a_hit_that_came_may_be_asked_for_again() {
        let mut decided = Decided::default();
        decided.note_order(7);
        assert!(decided.awaits(7) && !decided.awaits(8));
        decided.note_ask_ahead(7);
        assert!(decided.asks_ahead());
        decided.note_arrival(7);
        assert!(!decided.awaits(7) && !decided.asks_ahead());
    }
}
