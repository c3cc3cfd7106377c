//! What MIDI controllers do to the sound: a controller holds its parameter at a value, from its own frame on.
//!
//! The parameter itself is not touched: what the host reads, automates and saves is its own value, and the held one is
//! heard in its place. The last touch wins: a parameter that the host moves is let go at that frame. A reset, an
//! activation, another project and whole settings (a preset, A/B) let go of all, so that a bounce depends on the project and
//! what is played into it, and not on what was played before. The host's modulation is added to the held value as to an own
//! one. OSC holds parameters by the same rule.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

use std::sync::Arc;

use nih_plug::prelude::Param;

use super::instance_params::InstanceParams;
use super::midi_map::{Entry, MidiMap};
use super::param_set::ParamSet;

/// Whose values are heard.
pub trait Heard {
    /// The value of a parameter that is heard, with the host's modulation.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    fn value<P: Param>(&self, param: &P) -> P::Plain;
}

/// The parameters' own, where no controller holds any.
pub struct Own;

impl Heard for Own {
    fn value<P: Param>(&self, param: &P) -> P::Plain {
        param.modulated_plain_value()
    }
}

/// What is heard, as the map tells it to a window. GUI thread.
pub struct HeardInWindow {
    params: ParamSet,
    map: MidiMap,
}

impl HeardInWindow {
    /// Of an instance. Allocates.
    pub fn new<P: InstanceParams>(params: &Arc<P>) -> Self {
        Self { map: params.kept().midi_map.clone(), params: ParamSet::new(params.clone()) }
    }
}

impl Heard for HeardInWindow {
    /// Where a controller holds it, or its own; searches all parameters for its id.
    fn value<P: Param>(&self, param: &P) -> P::Plain {
        let id = self.params.all().find(|(_, handle)| handle.is(param)).map(|(id, _)| id);
        match id.and_then(|id| self.map.held(id)) {
            Some(share) => held_at(param, share),
            None => Own.value(param),
        }
    }
}

/// A parameter that is held.
#[derive(Clone, Copy)]
struct Hold {
    target: usize,
    /// By which controller's mapping; `None`: by a message.
    entry: Option<Entry>,
    /// Where it is held, as a share of its range.
    share: f32,
    /// The parameter's own value at that time; when it becomes another one, the host has moved it.
    own: f32,
}

/// The most controllers that wait for the next part of a block.
const MAX_CARRIED: usize = 256;

/// A controller that has moved at the frame where the host has split the block.
#[derive(Clone, Copy)]
struct Carried {
    channel: u8,
    cc: u8,
    value: f32,
}

/// The controllers' side of an instance. Belongs to the audio thread; allocates in `new` only.
pub struct MidiPlay {
    params: ParamSet,
    map: MidiMap,
    /// The places of the map's targets among the parameters.
    targets: Vec<usize>,
    holds: Vec<Hold>,
    /// Where each target's controller was last, for the soft takeover, and by which mapping; `None`: it has not moved yet.
    last: Vec<Option<(Entry, f32)>>,
    /// See [`MidiMap::let_go_of_all`].
    generation: u32,
    /// What moves at the next part's first frame, after the host's automation there.
    carried: Vec<Carried>,
}

impl MidiPlay {
    /// Of an instance; holds nothing. Allocates.
    pub fn new<P: InstanceParams>(params: &Arc<P>) -> Self {
        let map = params.kept().midi_map.clone();
        let params = ParamSet::new(params.clone());
        let targets: Vec<usize> = map.targets().iter().filter_map(|id| params.index_of(id)).collect();
        Self {
            holds: Vec::with_capacity(targets.len()),
            last: vec![None; targets.len()],
            generation: map.generation(),
            carried: Vec::with_capacity(MAX_CARRIED),
            targets,
            map,
            params,
        }
    }

    /// Lets go of everything.
    ///
    /// # Realtime
    /// Wait-free, no allocation, no free.
    pub fn reset(&mut self) {
        for hold in &self.holds {
            self.map.tell_held(hold.target, None);
        }
        self.holds.clear();
        self.last.fill(None);
        self.carried.clear();
    }

    /// Lets go of what the host has moved and of what is no longer mapped as it was; then the controllers move that
    /// [`Self::turn_next`] has kept. To be called at the start of a block and of each part of one.
    ///
    /// # Realtime
    /// Wait-free, no allocation, no free.
    pub fn settle(&mut self) {
        let generation = self.map.generation();
        if std::mem::replace(&mut self.generation, generation) != generation {
            self.reset();
        }
        let (params, targets, map) = (&self.params, &self.targets, &self.map);
        self.holds.retain(|hold| {
            let stays = params.at(targets[hold.target]).share() == hold.own
                && (hold.entry.is_none() || map.entry(hold.target) == hold.entry);
            if !stays {
                map.tell_held(hold.target, None);
            }
            stays
        });
        for at in 0..self.carried.len() {
            let Carried { channel, cc, value } = self.carried[at];
            self.turn(channel, cc, value);
        }
        self.carried.clear();
    }

    /// A controller moves at the first frame of the next part of the block, after the automation there: hosts may send it
    /// before that, and the framework then gives it to the part that ends there.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn turn_next(&mut self, channel: u8, cc: u8, value: f32) {
        if self.carried.len() == MAX_CARRIED {
            self.turn(channel, cc, value);
        } else {
            self.carried.push(Carried { channel, cc, value });
        }
    }

    /// Whether a controller does anything here: it is mapped, or a parameter waits for one.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn hears(&self, channel: u8, cc: u8) -> bool {
        self.map.learning_index().is_some() || (0..self.targets.len()).any(|target| self.is_mapped(target, channel, cc))
    }

    fn is_mapped(&self, target: usize, channel: u8, cc: u8) -> bool {
        self.map.entry(target).is_some_and(|entry| entry.hears(channel, cc))
    }

    /// A controller has moved; `value` is 0..=1.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn turn(&mut self, channel: u8, cc: u8, value: f32) {
        if !value.is_finite() {
            return;
        }
        self.map.take(channel, cc);
        for target in 0..self.targets.len() {
            let Some(entry) = self.map.entry(target).filter(|entry| entry.hears(channel, cc)) else { continue };
            let share = entry.share(value);
            // What another controller did before it was mapped says nothing of this one.
            let before = self.last[target].replace((entry, share)).filter(|(theirs, _)| *theirs == entry);
            let before = before.map_or(f32::NAN, |(_, share)| share);
            let own = self.params.at(self.targets[target]).share();
            // What a message holds stays until this controller takes over.
            self.holds.retain(|hold| hold.target != target || hold.entry.is_none_or(|theirs| theirs == entry));
            let hold = Hold { target, entry: Some(entry), share, own };
            match self.holds.iter_mut().find(|hold| hold.target == target) {
                Some(held) if held.entry.is_some() => held.share = share,
                held => {
                    let heard = held.as_ref().map_or(own, |held| held.share);
                    let step = (entry.high - entry.low).abs() / 127.0;
                    if self.map.soft_takeover() && !takes_over(before, share, heard, step) {
                        if held.is_none() {
                            self.map.tell_held(target, None);
                        }
                        continue;
                    }
                    match held {
                        Some(held) => *held = hold,
                        // Never more than there are targets, which is its capacity.
                        None => self.holds.push(hold),
                    }
                }
            }
            self.map.tell_held(target, Some(share));
        }
    }

    /// Holds the parameter at this place among the map's at a share of its range, whatever has held it: a message says so.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn hold(&mut self, target: usize, share: f32) {
        let Some(&param) = self.targets.get(target).filter(|_| share.is_finite()) else { return };
        let share = share.clamp(0.0, 1.0);
        let hold = Hold { target, entry: None, share, own: self.params.at(param).share() };
        match self.holds.iter_mut().find(|hold| hold.target == target) {
            Some(held) => *held = hold,
            // Never more than there are targets, which is its capacity.
            None => self.holds.push(hold),
        }
        self.map.tell_held(target, Some(share));
    }

    /// Lets go of what a message holds: of one parameter, or of all. What controllers hold is theirs.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn release(&mut self, target: Option<usize>) {
        let map = &self.map;
        self.holds.retain(|hold| {
            let stays = hold.entry.is_some() || target.is_some_and(|target| target != hold.target);
            if !stays {
                map.tell_held(hold.target, None);
            }
            stays
        });
    }
}

impl Heard for MidiPlay {
    /// Where a controller holds it, or its own.
    fn value<P: Param>(&self, param: &P) -> P::Plain {
        let hold = self.holds.iter().find(|hold| self.params.at(self.targets[hold.target]).is(param));
        hold.map_or_else(|| Own.value(param), |hold| held_at(param, hold.share))
    }
}

/// The value of a parameter that is held at a share of its range, with the host's modulation.
fn held_at<P: Param>(param: &P, share: f32) -> P::Plain {
    let modulation = param.modulated_normalized_value() - param.unmodulated_normalized_value();
    param.preview_plain((share + modulation).clamp(0.0, 1.0))
}

/// Whether a controller that was at `before` (NaN: nobody knows) and is at `now` has come to the parameter's value, to
/// within a step, or past it.
fn takes_over(before: f32, now: f32, own: f32, step: f32) -> bool {
    (now - own).abs() <= step || (before - own) * (now - own) <= 0.0
}

#[cfg(test)]
mod tests {
    use nih_plug::params::InternalParamMut;
    use nih_plug::params::persist::PersistentField;

    use super::*;
    use crate::instance::effect_params::EffectParams;
    use crate::instance::midi_map::{Mapping, Saved};

    fn playing(mappings: &[Mapping]) -> (Arc<EffectParams>, MidiPlay) {
        let params = Arc::new(EffectParams::default());
        for mapping in mappings {
            params.kept.midi_map.set_mapping(mapping).unwrap();
        }
        (Arc::clone(&params), MidiPlay::new(&params))
    }

    /// As a host does.
    fn move_to(param: &impl InternalParamMut, share: f32) {
        // SAFETY: only marked so that plugins leave parameters to their hosts.
        unsafe { param._internal_set_normalized_value(share) };
    }

    fn modulate(param: &impl InternalParamMut, by: f32) {
        // SAFETY: as above.
        unsafe { param._internal_modulate_value(by) };
    }

    #[test]
    fn a_controller_holds_its_parameters_and_leaves_their_own_values() {
        let (params, mut play) = playing(&[
            Mapping::new("mix", 1),
            Mapping { low: 1.0, high: 0.5, ..Mapping::new("bias_1", 1) },
            Mapping { channel: Some(2), ..Mapping::new("amount", 1) },
            Mapping::new("freeze", 1),
        ]);
        assert!(play.hears(0, 1) && !play.hears(0, 2));
        play.turn(0, 1, 0.0);
        assert_eq!((play.value(&params.mix), play.value(&params.latent[0].bias)), (0.0, 4.0));
        play.turn(0, 1, 1.0);
        assert_eq!((play.value(&params.mix), play.value(&params.latent[0].bias)), (1.0, 0.0));
        assert!(play.value(&params.freeze) && !params.freeze.value());
        assert_eq!(play.value(&params.amount), 1.0);
        play.turn(2, 1, 0.25);
        assert_eq!(play.value(&params.amount), 0.25);
        assert_eq!((params.mix.value(), params.amount.value()), (1.0, 1.0));
        assert_eq!((params.kept.midi_map.held("mix"), params.kept.midi_map.held("width")), (Some(0.25), None));
    }

    #[test]
    fn a_parameter_that_the_host_moves_is_let_go_and_the_next_turn_holds_it_again() {
        let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
        play.turn(0, 1, 0.25);
        play.settle();
        assert_eq!(play.value(&params.mix), 0.25);
        move_to(&params.mix, 0.5);
        play.settle();
        assert_eq!((play.value(&params.mix), params.kept.midi_map.held("mix")), (0.5, None));
        play.turn(0, 1, 0.75);
        assert_eq!(play.value(&params.mix), 0.75);
    }

    #[test]
    fn a_controller_at_the_frame_of_automation_comes_after_it_and_a_reset_forgets_it() {
        let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
        play.turn_next(0, 1, 0.25);
        assert_eq!(play.value(&params.mix), 1.0, "not yet");
        move_to(&params.mix, 0.5);
        play.settle();
        assert_eq!(play.value(&params.mix), 0.25);
        play.turn_next(0, 1, 0.75);
        play.reset();
        play.settle();
        assert_eq!(play.value(&params.mix), 0.5);
        (0..=MAX_CARRIED).for_each(|_| play.turn_next(0, 1, 0.75));
        assert_eq!(play.carried.len(), MAX_CARRIED);
    }

    #[test]
    fn a_reset_and_an_unlearning_let_go() {
        let (params, mut play) = playing(&[Mapping::new("mix", 1), Mapping::new("amount", 2)]);
        play.turn(0, 1, 0.25);
        play.turn(0, 2, 0.25);
        params.kept.midi_map.remove("mix");
        play.settle();
        assert_eq!((play.value(&params.mix), play.value(&params.amount)), (1.0, 0.25));
        play.reset();
        assert_eq!((play.value(&params.amount), params.kept.midi_map.held("amount")), (1.0, None));
    }

    #[test]
    fn another_project_and_whole_settings_let_go() {
        let saved = || serde_json::from_str(r#"{"mappings":[{"param":"mix","cc":1}]}"#).unwrap();
        let ends: [fn(&MidiMap, Saved); 2] =
            [|map, saved| PersistentField::set(map, saved), |map, _| map.let_go_of_all()];
        for end in ends {
            let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
            play.turn(0, 1, 0.25);
            play.settle();
            assert_eq!(play.value(&params.mix), 0.25);
            end(&params.kept.midi_map, saved());
            play.settle();
            assert_eq!((play.value(&params.mix), params.kept.midi_map.held("mix")), (1.0, None));
            play.turn(0, 1, 0.5);
            play.settle();
            assert_eq!(play.value(&params.mix), 0.5, "the next turn holds it again");
        }
    }

    #[test]
    fn another_controller_or_range_lets_go_of_what_the_old_one_holds() {
        for other in [Mapping::new("mix", 2), Mapping { high: 0.5, ..Mapping::new("mix", 1) }] {
            let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
            play.turn(0, 1, 0.25);
            params.kept.midi_map.set_mapping(&other).unwrap();
            play.settle();
            assert_eq!((play.value(&params.mix), params.kept.midi_map.held("mix")), (1.0, None), "{other:?}");
        }
    }

    #[test]
    fn with_soft_takeover_a_new_controller_does_not_go_on_from_where_the_old_one_was() {
        // learnt between two blocks, or within one
        for settles in [true, false] {
            let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
            params.kept.midi_map.set_soft_takeover(true);
            move_to(&params.mix, 0.5);
            play.turn(0, 1, 0.2);
            play.turn(0, 1, 0.6);
            assert_eq!(play.value(&params.mix), 0.6);
            params.kept.midi_map.learn("mix").unwrap();
            if settles {
                play.settle();
            }
            play.turn(0, 2, 0.4);
            assert_eq!(play.value(&params.mix), 0.5, "it has not come to the value");
            play.turn(0, 2, 0.6);
            assert_eq!(play.value(&params.mix), 0.6);
        }
    }

    #[test]
    fn the_hosts_modulation_is_added_to_the_held_value_and_does_not_end_it() {
        let (params, mut play) = playing(&[Mapping::new("bias_1", 1)]);
        play.turn(0, 1, 0.25);
        modulate(&params.latent[0].bias, 0.125);
        play.settle();
        assert_eq!(play.value(&params.latent[0].bias), -1.0);
        modulate(&params.latent[0].bias, 0.0);
        play.settle();
        assert_eq!(play.value(&params.latent[0].bias), -2.0);
    }

    #[test]
    fn a_window_is_told_what_is_heard() {
        let (params, mut play) = playing(&[Mapping::new("bias_1", 1), Mapping::new("channels", 1)]);
        let told = HeardInWindow::new(&params);
        let is_heard = |play: &MidiPlay| {
            assert_eq!(told.value(&params.latent[0].bias), play.value(&params.latent[0].bias));
            assert_eq!(told.value(&params.channels), play.value(&params.channels));
            assert_eq!(told.value(&params.mix), play.value(&params.mix));
        };
        is_heard(&play);
        play.turn(0, 1, 1.0);
        modulate(&params.latent[0].bias, -0.125);
        assert_eq!(told.value(&params.latent[0].bias), 3.0);
        is_heard(&play);
        play.reset();
        assert_eq!(told.value(&params.latent[0].bias), -1.0);
        is_heard(&play);
    }

    #[test]
    fn with_soft_takeover_a_controller_has_to_come_to_the_value_first() {
        let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
        params.kept.midi_map.set_soft_takeover(true);
        move_to(&params.mix, 0.5);
        for value in [0.1, 0.3, 0.45] {
            play.turn(0, 1, value);
            assert_eq!(play.value(&params.mix), 0.5);
        }
        play.turn(0, 1, 0.6);
        assert_eq!(play.value(&params.mix), 0.6, "it has passed the value");
        move_to(&params.mix, 0.2);
        play.settle();
        play.turn(0, 1, 0.7);
        assert_eq!(play.value(&params.mix), 0.2, "the host was last");
        play.turn(0, 1, 0.202);
        assert_eq!(play.value(&params.mix), 0.202, "within a step of the value");
    }

    #[test]
    fn a_controller_that_is_learnt_acts_at_once() {
        let (params, mut play) = playing(&[]);
        assert!(!play.hears(0, 74));
        params.kept.midi_map.learn("mix").unwrap();
        assert!(play.hears(0, 74));
        play.turn(0, 74, 0.5);
        assert_eq!((play.value(&params.mix), params.kept.midi_map.mappings().len()), (0.5, 1));
    }

    #[test]
    fn what_is_no_number_is_not_heard() {
        let (params, mut play) = playing(&[Mapping::new("mix", 1)]);
        play.turn(0, 1, f32::NAN);
        play.turn(0, 1, 7.0);
        assert_eq!(play.value(&params.mix), 1.0);
    }

    /// Settings are read parameter by parameter: none may be read past the controllers.
    #[test]
    fn every_parameter_in_the_settings_can_be_held() {
        // The chromatic scale is the same in every key.
        let playing_in_major = |map: &[Mapping]| {
            let (params, play) = playing(map);
            ParamSet::new(params.clone()).get("intonation_scale").unwrap().set(1.0 / 12.0);
            (params, play)
        };
        for id in EffectParams::default().kept.midi_map.targets() {
            let song = super::super::transport::TransportPosition::default();
            let (params, play) = playing_in_major(&[]);
            let set = ParamSet::new(params.clone());
            let share = if set.get(id).unwrap().default_share() > 0.6 { 0.25 } else { 0.75 };
            let held = {
                let (params, mut play) = playing_in_major(&[Mapping::new(id, 1)]);
                play.turn(0, 1, share);
                params.settings(&song, &play)
            };
            let plain = params.settings(&song, &play);
            set.get(id).unwrap().set(share);
            let moved = params.settings(&song, &play);
            assert_eq!(held, moved, "{id}");
            assert_ne!(held, plain, "{id} is not in the settings");
        }
    }
}
