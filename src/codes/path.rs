//! The codes for a target by a least-cost path: near what is wanted, and near each other.
//!
//! A Viterbi search (Forney, Proc. IEEE 61, 1973) over the best candidates of each hop; a decision is made when the
//! search is a bounded number of hops ahead, and paths that disagree with it are dropped, so that what has been played and
//! what is still considered always join.

use super::book::least;
use super::matcher::{Goal, Matcher};

/// Candidates of each hop.
const CANDIDATES: usize = 24;

/// Farthest look-ahead, hops.
pub const MAX_AHEAD: usize = 64;

/// What a squared deviation from the target costs, against a jump over the codebook's own variance.
const TARGET_COST: f32 = 10.0;

/// The usual price of jumps.
pub const DEFAULT_JUMP: f32 = 0.3;

#[derive(Clone, Copy)]
struct Column {
    codes: [u16; CANDIDATES],
    back: [u8; CANDIDATES],
}

const EMPTY: Column = Column { codes: [0; CANDIDATES], back: [0; CANDIDATES] };

/// Finds the path hop by hop. Everything but `new` is wait-free and does not allocate.
pub struct PathSearch {
    matcher: Matcher,
    jump: f32,
    ahead: usize,
    /// A ring of the hops not yet decided.
    columns: Vec<Column>,
    /// Hops taken in, and decided.
    taken: usize,
    decided: usize,
    cost: [f32; CANDIDATES],
}

impl PathSearch {
    /// A search that decides a hop when it knows what is wanted `ahead` hops (at most [`MAX_AHEAD`]) later. `jump`: the
    /// price of a jump as long as the codebook's deviation; 0 is the nearest code, [`DEFAULT_JUMP`] is usual. Allocates.
    pub fn new(matcher: Matcher, jump: f32, ahead: usize) -> Self {
        let ahead = ahead.min(MAX_AHEAD);
        Self {
            matcher,
            jump: jump.clamp(0.0, 100.0),
            ahead,
            columns: vec![EMPTY; ahead + 1],
            taken: 0,
            decided: 0,
            cost: [0.0; CANDIDATES],
        }
    }

    /// Matches other goals from the next hop on.
    pub fn set_goals(&mut self, goals: &[Goal]) {
        self.matcher.set_goals(goals);
    }

    /// Another price of jumps from the next hop on, as in [`Self::new`].
    pub fn set_jump(&mut self, jump: f32) {
        self.jump = jump.clamp(0.0, 100.0);
    }

    /// Takes what is wanted of the next hop; returns the code of the hop `ahead` before it, once there is one.
    pub fn next(&mut self, wanted: &[f32], f0_hz: Option<f32>) -> Option<usize> {
        let (codes, prices) = self.candidates(wanted, f0_hz);
        let mut column = Column { codes, ..EMPTY };
        let mut cost = prices.map(|price| TARGET_COST * price);
        if self.taken > 0 {
            let before = self.columns[(self.taken - 1) % self.columns.len()];
            for to in 0..CANDIDATES {
                let way =
                    |from: usize| self.cost[from] + self.move_cost(before.codes[from], codes[to], f0_hz.is_none());
                let (whole, from) = least((0..CANDIDATES).map(way));
                cost[to] += whole;
                column.back[to] = from as u8;
            }
        }
        let least = cost.iter().copied().fold(f32::MAX, f32::min);
        self.cost = cost.map(|cost| cost - least);
        let place = self.taken % self.columns.len();
        self.columns[place] = column;
        self.taken += 1;
        (self.taken - self.decided > self.ahead).then(|| self.decide())
    }

    /// After the last hop: the codes still owed, one per call.
    pub fn finish(&mut self) -> Option<usize> {
        (self.decided < self.taken).then(|| self.decide())
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        (self.taken, self.decided) = (0, 0);
        self.cost = [0.0; CANDIDATES];
    }

    /// Decides the oldest hop by the best path there is, and drops the others that do not go through it.
    fn decide(&mut self) -> usize {
        let best = (0..CANDIDATES).min_by(|&a, &b| self.cost[a].total_cmp(&self.cost[b])).unwrap_or(0);
        let chosen = self.origin(best);
        for state in 0..CANDIDATES {
            if self.origin(state) != chosen {
                self.cost[state] = f32::INFINITY;
            }
        }
        let column = &self.columns[self.decided % self.columns.len()];
        let code = usize::from(column.codes[chosen]);
        self.decided += 1;
        code
    }

    /// The state of the oldest undecided hop that the path to a state of the newest hop began with.
    fn origin(&self, state: usize) -> usize {
        let mut state = state;
        for hop in (self.decided + 1..self.taken).rev() {
            state = usize::from(self.columns[hop % self.columns.len()].back[state]);
        }
        state
    }

    fn move_cost(&self, from: u16, to: u16, is_own_pitch: bool) -> f32 {
        self.jump * self.matcher.move_cost(usize::from(from), usize::from(to), is_own_pitch)
    }

    /// The codes that cost least, and their prices; a price is infinite where there are fewer.
    fn candidates(&self, wanted: &[f32], f0_hz: Option<f32>) -> ([u16; CANDIDATES], [f32; CANDIDATES]) {
        let want = self.matcher.want(wanted, f0_hz);
        let (mut codes, mut prices) = ([0; CANDIDATES], [f32::INFINITY; CANDIDATES]);
        for code in 0..self.matcher.book().len().min(usize::from(u16::MAX)) {
            let price = self.matcher.price(code, &want);
            if price < prices[CANDIDATES - 1] {
                let place = prices.partition_point(|&other| other <= price);
                prices.copy_within(place..CANDIDATES - 1, place + 1);
                codes.copy_within(place..CANDIDATES - 1, place + 1);
                (prices[place], codes[place]) = (price, code as u16);
            }
        }
        (codes, prices)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::book::tests::ladder;
    use super::*;
    use crate::dsp::descriptors::Descriptor;

    fn search(jump: f32, ahead: usize) -> PathSearch {
        let goals = [Goal { descriptor: Descriptor::Fundamental, weight: 1.0 }];
        PathSearch::new(Matcher::new(Arc::new(ladder(64)), &goals), jump, ahead)
    }

    fn run(search: &mut PathSearch, wanted: &[f32]) -> Vec<usize> {
        let mut path: Vec<usize> = wanted.iter().filter_map(|&value| search.next(&[value], None)).collect();
        path.extend(std::iter::from_fn(|| search.finish()));
        path
    }

    #[test]
    fn without_a_price_of_jumps_it_is_the_nearest_code() {
        let wanted: Vec<f32> = (0..100).map(|n| 230.0 + 25.0 * (n as f32 * 0.2).sin()).collect();
        for ahead in [0, 3, MAX_AHEAD] {
            let mut search = search(0.0, ahead);
            let nearest: Vec<usize> = wanted.iter().map(|&value| search.matcher.nearest(&[value], None)).collect();
            assert_eq!(run(&mut search, &wanted), nearest, "{ahead} hops ahead");
        }
    }

    #[test]
    fn with_a_price_codes_change_less_and_stay_near() {
        // A target that flutters around a value: the nearest code flutters too, the path does not.
        let wanted: Vec<f32> = (0..60).map(|n| 230.3 + 0.4 * (n % 2) as f32).collect();
        let changes = |path: &[usize]| path.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes(&run(&mut search(0.0, 8), &wanted)) > 50);
        let path = run(&mut search(DEFAULT_JUMP, 8), &wanted);
        assert_eq!(changes(&path), 0);
        assert!(path.iter().all(|&code| (30..=31).contains(&code)));
    }

    #[test]
    fn a_long_look_ahead_is_the_whole_search_and_none_is_its_greedy_form() {
        let wanted: Vec<f32> = (0..200).map(|n| 230.0 + 20.0 * (n as f32 * 0.9).sin()).collect();
        let cost = |path: &[usize]| -> f32 {
            let jumps: f32 = path
                .windows(2)
                .map(|pair| search(DEFAULT_JUMP, 0).move_cost(pair[0] as u16, pair[1] as u16, true))
                .sum();
            let matcher = search(0.0, 0).matcher.clone();
            let target =
                |(code, wanted): (&usize, &f32)| TARGET_COST * matcher.price(*code, &matcher.want(&[*wanted], None));
            jumps + path.iter().zip(&wanted).map(target).sum::<f32>()
        };
        let costs = [0, 4, 32, MAX_AHEAD].map(|ahead| cost(&run(&mut search(DEFAULT_JUMP, ahead), &wanted)));
        assert!(costs[1] <= costs[0] && costs[2] <= costs[1] + 1e-3, "{costs:?}");
        assert!((costs[2] - costs[3]).abs() < 1e-3, "{costs:?}");
    }

    #[test]
    fn every_hop_gets_one_code_as_late_as_promised_and_a_reset_forgets() {
        let mut search = search(DEFAULT_JUMP, 5);
        for hop in 0..20 {
            assert_eq!(search.next(&[220.0], None).is_some(), hop >= 5);
        }
        search.reset();
        assert_eq!(search.finish(), None);
        assert_eq!(run(&mut search, &[210.0; 3]), [10; 3]);
    }
}
