//! Other hits for one track, or for all that are not locked: what each of these does to their parameters.

use super::{DrumsRequest, TRACKS, param};
use crate::control::set_once;
use crate::{ParamBackend, ParamId};

/// How far a first variation strays.
const FIRST_VARY: f32 = 0.35;
/// How far a first morph goes.
const FIRST_MORPH: f32 = 0.5;
/// There are so many draws; the kit's own hit is none of them.
const DRAWS: f32 = 9999.0;

/// How hits become others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throw {
    /// The next random hit.
    Draw,
    /// The next variation.
    Vary,
    /// The next hit to morph to.
    Morph,
}

impl Throw {
    /// All of them, as they stand side by side.
    pub const ALL: [Self; 3] = [Self::Draw, Self::Vary, Self::Morph];

    pub fn name(self) -> &'static str {
        ["Draw", "Vary", "Morph"][self as usize]
    }

    /// What it does, after the name.
    pub fn about(self) -> &'static str {
        ["another hit of the same drum", "another variation of the same hit", "another hit to morph to"][self as usize]
    }

    /// What a track's parameters become.
    fn values(self, track: usize, params: &dyn ParamBackend) -> Vec<(ParamId, f32)> {
        let (number, amount) = match self {
            Self::Draw => (param::DRAW[track], None),
            Self::Vary => (param::VARIATION[track], Some((param::VARY[track], FIRST_VARY))),
            Self::Morph => (param::MORPH_DRAW[track], Some((param::MORPH[track], FIRST_MORPH))),
        };
        let now = params.plain(number, params.normalised(number)).round();
        // After the last one comes the first.
        let next = if now >= DRAWS { 1.0 } else { now + 1.0 };
        let mut values = vec![(number, params.normalise(number, next))];
        // A variation that strays nowhere would not be heard.
        values.extend(amount.filter(|&(id, _)| params.normalised(id) <= 0.0));
        values
    }

    /// Throws for one track, whether or not it is locked: who presses its button means it.
    pub fn one(self, track: usize, params: &mut dyn ParamBackend, requests: &mut Vec<DrumsRequest>) {
        let values = self.values(track, params);
        match values[..] {
            [(id, value)] => set_once(params, id, value),
            _ => {
                requests.push(DrumsRequest::SetParams { label: format!("{} Track {}", self.name(), track + 1), values })
            }
        }
    }

    /// Throws for all tracks that are not locked.
    pub fn all(self, params: &dyn ParamBackend, requests: &mut Vec<DrumsRequest>) {
        let free = (0..TRACKS).filter(|&track| params.normalised(param::LOCK[track]) < 0.5);
        let values: Vec<_> = free.flat_map(|track| self.values(track, params)).collect();
        if !values.is_empty() {
            requests.push(DrumsRequest::SetParams { label: format!("{} All", self.name()), values });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn all_but_the_locked_are_thrown_as_one_step() {
        let mut params = fake::drums_params();
        params.put(param::LOCK[2], 1.0);
        let mut requests = Vec::new();
        Throw::Draw.all(&params, &mut requests);
        let [DrumsRequest::SetParams { values, label }] = &requests[..] else { panic!("{requests:?}") };
        assert_eq!((values.len(), label.as_str()), (7, "Draw All"));
        assert!(values.iter().all(|&(id, _)| id != param::DRAW[2]));
    }

    #[test]
    fn a_first_variation_is_heard_and_the_last_draw_is_followed_by_the_first() {
        let mut params = fake::drums_params();
        params.put(param::VARY[0], 0.0);
        let values = Throw::Vary.values(0, &params);
        assert_eq!(values[1], (param::VARY[0], FIRST_VARY));
        params.put(param::VARY[0], 0.8);
        assert_eq!(Throw::Vary.values(0, &params).len(), 1);
        params.put_plain(param::DRAW[0], DRAWS);
        let [(id, value)] = Throw::Draw.values(0, &params)[..] else { panic!() };
        assert_eq!(params.plain(id, value).round(), 1.0);
    }
}
