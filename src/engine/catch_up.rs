//! Which hops a worker that is too slow leaves out, so that those it plays come in time.
//!
//! Without it a worker that needs a little more than all of the time would play nearly every hop, each of them just too
//! late to be heard.

/// Share of a hop's time in the running mean of what hops take.
const NEWEST: f32 = 0.1;

/// Share of a hop that may be lost to lateness before a whole one is given up for those behind it.
const BEARABLE: f32 = 0.25;

/// The decision, hop by hop. A pure function of lateness and cost.
#[derive(Debug)]
pub(super) struct CatchUp {
    hop_s: f32,
    cost_s: f32,
    was_late: bool,
}

impl CatchUp {
    /// For hops of this length, seconds.
    pub(super) fn new(hop_s: f32) -> Self {
        Self { hop_s, cost_s: 0.0, was_late: false }
    }

    /// Whether to leave a hop out that is `late_s` late now, before it is played (negative: early), seconds.
    ///
    /// Not after a rest: it cannot be played any sooner than now, and the next one no sooner for leaving it out. Not after
    /// one late hop either, as on any busy computer: the next one must be expected to be late too.
    pub(super) fn leaves_out(&self, late_s: f32, has_rested: bool) -> bool {
        self.was_late && !has_rested && late_s + self.cost_s > BEARABLE * self.hop_s
    }

    /// A hop took `cost_s` and was `late_s` late when it was done, seconds.
    pub(super) fn note(&mut self, cost_s: f32, late_s: f32) {
        self.cost_s += NEWEST * (cost_s - self.cost_s);
        self.was_late = late_s > 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOP_S: f32 = 512.0 / 44_100.0;

    /// Plays 2000 hops that take `load` hops each and are due `granted` hops after they are there. Shares that are heard
    /// (late ones in part) and that are left out.
    fn play(load: f32, granted: f32) -> (f32, f32) {
        let (mut catch_up, mut now, mut heard, mut left_out) = (CatchUp::new(HOP_S), 0.0f32, 0.0, 0);
        for n in 0..2000 {
            let (there, due) = (n as f32, n as f32 + granted);
            let has_rested = now <= there;
            now = now.max(there);
            // As the stream does: what is late as a whole is left out anyway.
            if now >= due + 1.0 || catch_up.leaves_out((now - due) * HOP_S, has_rested) {
                left_out += 1;
                continue;
            }
            now += load;
            catch_up.note(load * HOP_S, (now - due) * HOP_S);
            heard += (1.0 - (now - due)).clamp(0.0, 1.0);
        }
        (heard / 2000.0, left_out as f32 / 2000.0)
    }

    #[test]
    fn what_is_too_much_is_left_out_and_the_rest_is_heard() {
        // Nearly the most that could be heard, 1 / load.
        for (load, granted, least) in
            [(1.05, 1.5, 0.85), (1.1, 1.5, 0.8), (1.25, 1.5, 0.65), (1.5, 1.5, 0.45), (1.1, 1.0, 0.5), (2.0, 1.5, 0.2)]
        {
            let (heard, left_out) = play(load, granted);
            assert!(heard > least, "load {load}: {heard} heard, {left_out} left out");
        }
    }

    #[test]
    fn nothing_is_left_out_while_all_is_in_time() {
        for load in [0.03, 0.5, 0.99] {
            assert_eq!(play(load, 1.5), (1.0, 0.0), "load {load}");
        }
    }

    #[test]
    fn one_late_hop_leaves_nothing_out() {
        let mut catch_up = CatchUp::new(HOP_S);
        for _ in 0..100 {
            assert!(!catch_up.leaves_out(-0.006, false));
            catch_up.note(0.0004, -0.005);
        }
        catch_up.note(0.008, 0.002);
        assert!(!catch_up.leaves_out(-0.004, false));
    }

    #[test]
    fn a_worker_that_is_always_too_late_still_tries() {
        let (heard, left_out) = play(3.0, 1.5);
        assert_eq!(heard, 0.0);
        assert!(left_out < 0.7, "{left_out} left out");
    }
}
