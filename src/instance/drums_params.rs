//! The drum machine's parameters and saved state. An id is never renamed or reused once released: songs depend on it.

use std::sync::{Arc, LazyLock};

use nih_plug::prelude::*;
use parking_lot::Mutex;
use plugin_ui::drums::MAX_CLASSES;

use super::drums_choices::{Choke, EvolveChoice, EvolveWhat, Run, StepChoice};
use super::instance_params::InstanceParams;
use super::kept::Kept;
use super::kit_field::{self, KitField};
use super::midi_map::MidiMap;
use super::midi_play::Heard;
use super::patterns_field::{self, PatternsField};
use super::saved_state::reads;
use super::table::table_of;
use super::values::{linear, percentage, switch, whole};
use super::walk_field::{self, WalkField};
use super::watched::Watched;
use crate::drums::machine::MachineSettings;
use crate::drums::pattern::Patterns;
use crate::drums::recipe::Recipe;
use crate::drums::sequencer::settings::SequencerSettings;
use crate::drums::settings::TrackSettings;
use crate::drums::{PATTERNS, TRACKS};
use crate::hits::kit::Kit;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::preset::{Drawn, ExtraValue, Plugin, Table};

/// The package that a new instance plays.
const FIRST_PACKAGE: &str = "drums";

/// Draws, variations and takes there are.
const MOST: i32 = 9999;

/// What chance may move: the hits. How they are played, and when, stays.
const DRUMS_DRAWN: [Drawn; TRACKS] = [
    ("draw_1", 1.0, MOST as f32),
    ("draw_2", 1.0, MOST as f32),
    ("draw_3", 1.0, MOST as f32),
    ("draw_4", 1.0, MOST as f32),
    ("draw_5", 1.0, MOST as f32),
    ("draw_6", 1.0, MOST as f32),
    ("draw_7", 1.0, MOST as f32),
    ("draw_8", 1.0, MOST as f32),
];

/// The drum machine's parameters, for presets. Made once.
pub fn drums_table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        let extras = vec![kit_field::extra(), patterns_field::extra(), walk_field::extra()];
        table_of(Plugin::Drums, Arc::new(DrumsParams::default()), &[], extras, &DRUMS_DRAWN)
    });
    &TABLE
}

/// One track: which hit it plays, and how.
#[derive(Params)]
pub struct TrackParams {
    /// The kind of drum, by its number in the package, from 0.
    #[id = "class"]
    pub class: IntParam,
    /// The kind at the other end of the blend, as [`Self::class`].
    #[id = "class_b"]
    pub class_b: IntParam,
    /// From the one kind to the other.
    #[id = "blend"]
    pub blend: FloatParam,
    /// Which random hit; 0 is the kit's own.
    #[id = "draw"]
    pub draw: IntParam,
    /// A straight line through grain space in place of a hit.
    #[id = "path"]
    pub path: BoolParam,
    /// Which variation of the hit; 0 is none.
    #[id = "variation"]
    pub variation: IntParam,
    /// How far variations go.
    #[id = "vary"]
    pub vary: FloatParam,
    /// How far the hit is on its way to another one.
    #[id = "morph"]
    pub morph: FloatParam,
    /// Which random hit it is on its way to; 0 is the kit's own.
    #[id = "morph_draw"]
    pub morph_draw: IntParam,
    /// Moved across on the plane of its kind.
    #[id = "pad_x"]
    pub pad_x: FloatParam,
    /// Moved up on the plane of its kind.
    #[id = "pad_y"]
    pub pad_y: FloatParam,
    /// Pitch.
    #[id = "tune"]
    pub tune: FloatParam,
    /// How long it rings.
    #[id = "decay"]
    pub decay: FloatParam,
    /// From the end of the hit to its beginning.
    #[id = "reverse"]
    pub reverse: BoolParam,
    /// Loudness.
    #[id = "level"]
    pub level: FloatParam,
    /// From left to right.
    #[id = "pan"]
    pub pan: FloatParam,
    /// Which tracks it cuts off, and is cut off by.
    #[id = "choke"]
    pub choke: EnumParam<Choke>,
    /// Keeps its hit while others evolve.
    #[id = "lock"]
    pub lock: BoolParam,
    /// Patterns do not strike it.
    #[id = "mute"]
    pub mute: BoolParam,
    /// Patterns strike no track without it.
    #[id = "solo"]
    pub solo: BoolParam,
}

/// Everything that a project saves.
#[derive(Params)]
pub struct DrumsParams {
    /// Gain of the whole.
    #[id = "output_gain"]
    pub output_gain: FloatParam,
    /// Keeps each output below full scale.
    #[id = "limiter"]
    pub limiter: BoolParam,
    /// How late every second step is.
    #[id = "swing"]
    pub swing: FloatParam,
    /// How long a step is.
    #[id = "step"]
    pub step: EnumParam<StepChoice>,
    /// The pattern that is played, or the first one of the chain, from 1.
    #[id = "pattern"]
    pub pattern: IntParam,
    /// How many patterns are played one after the other: a bar each, two with steps of 1/8.
    #[id = "chain"]
    pub chain: IntParam,
    /// With the host, or always.
    #[id = "run"]
    pub run: EnumParam<Run>,
    /// How often hits change by themselves.
    #[id = "evolve"]
    pub evolve: EnumParam<EvolveChoice>,
    /// What changes then.
    #[id = "evolve_what"]
    pub evolve_what: EnumParam<EvolveWhat>,
    /// Seed of all that is drawn.
    #[id = "take"]
    pub take: IntParam,
    /// Played by the side-chain's strokes.
    #[id = "listen"]
    pub listen: BoolParam,
    /// How soft such a stroke may be.
    #[id = "sensitivity"]
    pub sensitivity: FloatParam,
    /// One group per track; ids get the track's number: `draw_1`, `level_1`.
    #[nested(array, group = "Track")]
    pub tracks: [TrackParams; TRACKS],
    /// The patterns.
    #[persist = "patterns"]
    pub patterns: PatternsField,
    /// The walk through grain space.
    #[persist = "walk"]
    pub walk: WalkField,
    /// Which view the window shows, and of what.
    #[persist = "layout"]
    pub layout: Mutex<plugin_ui::drums::Layout>,
    /// The kit, and the hits that were last made.
    #[persist = "kit"]
    pub hits: KitField,
    /// See [`Kept`].
    #[nested]
    pub kept: Kept,
}

impl Default for DrumsParams {
    fn default() -> Self {
        let mut new = Self {
            output_gain: linear("Output Gain", 0.0, -60.0, 24.0, " dB", 1),
            limiter: switch("Limiter", false),
            swing: percentage("Swing", 0.5, 0.5, 0.75),
            step: EnumParam::new("Step", StepChoice::Sixteenth),
            pattern: whole("Pattern", 1, 1, PATTERNS as i32),
            chain: whole("Chain", 1, 1, PATTERNS as i32),
            run: EnumParam::new("Run", Run::WithHost),
            evolve: EnumParam::new("Evolve", EvolveChoice::Off),
            evolve_what: EnumParam::new("Evolve What", EvolveWhat::Draw),
            take: whole("Take", 1, 1, MOST),
            listen: switch("Listen", false),
            sensitivity: percentage("Sensitivity", 0.5, 0.0, 1.0),
            tracks: std::array::from_fn(track),
            patterns: PatternsField::default(),
            walk: WalkField::default(),
            layout: Mutex::default(),
            hits: KitField::default(),
            kept: Kept::new(ModelRequest::named(FIRST_PACKAGE)),
        };
        new.kept.midi_map = MidiMap::of(&new);
        new
    }
}

impl InstanceParams for DrumsParams {
    fn table(&self) -> &'static Table {
        drums_table()
    }

    fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Hits are made beside the sound, on the CPU.
    fn provider(&self) -> Option<&Watched<ProviderChoice>> {
        None
    }

    fn extra(&self, id: &str) -> ExtraValue {
        match id {
            kit_field::KIT => self.hits.kit().to_json().into(),
            patterns_field::PATTERNS => patterns_field::to_json(&self.patterns.get()).into(),
            walk_field::WALK => walk_field::to_json(&self.walk.get()).into(),
            _ => ExtraValue::default(),
        }
    }

    fn set_extra(&self, id: &str, value: &ExtraValue) {
        let Some(json) = value.json() else { return };
        match id {
            kit_field::KIT => Kit::from_json(json).into_iter().for_each(|kit| self.hits.set_kit(kit)),
            patterns_field::PATTERNS => {
                Patterns::read(json).into_iter().for_each(|patterns| self.patterns.put(patterns));
            }
            walk_field::WALK => walk_field::from_json(json).into_iter().for_each(|walk| self.walk.put(walk)),
            _ => {}
        }
    }

    fn runs_one_model_once(&self) -> bool {
        false
    }

    fn reads_own(key: &str, text: &str) -> bool {
        match key {
            "patterns" => reads::<Patterns>(text),
            "walk" => walk_field::reads(text),
            "kit" => kit_field::reads(text),
            "layout" => reads::<plugin_ui::drums::Layout>(text),
            _ => false,
        }
    }
}

impl DrumsParams {
    /// The values of this moment, as they are heard.
    ///
    /// # Realtime
    /// Wait-free, no allocation.
    pub fn settings(&self, heard: &impl Heard) -> MachineSettings {
        let take = heard.value(&self.take).unsigned_abs();
        let of_tracks = |is: fn(&TrackParams) -> &BoolParam| self.tracks.each_ref().map(|track| heard.value(is(track)));
        let mut settings = MachineSettings {
            sequencer: SequencerSettings {
                swing: f64::from(heard.value(&self.swing)),
                step: heard.value(&self.step).length(),
                pattern: self.pattern_index(heard),
                chain: heard.value(&self.chain).max(1) as usize,
                runs_alone: heard.value(&self.run) == Run::Always,
                take,
                muted: of_tracks(|track| &track.mute),
                solo: of_tracks(|track| &track.solo),
            },
            tracks: self.tracks.each_ref().map(|track| track.settings(heard)),
            recipes: std::array::from_fn(|n| Recipe {
                track: n as u8,
                take,
                kit: self.hits.generation(),
                ..self.tracks[n].recipe(heard)
            }),
            locked: of_tracks(|track| &track.lock),
            evolve: heard.value(&self.evolve).evolve(),
            evolving: heard.value(&self.evolve_what).evolving(),
            loop_beats: None,
        };
        if self.hits.is_pitched() {
            settings.ask_pitches();
        }
        settings
    }

    /// The pattern that is played, or the first one of the chain, from 0.
    ///
    /// # Realtime
    /// As `heard`.
    pub fn pattern_index(&self, heard: &impl Heard) -> usize {
        (heard.value(&self.pattern) - 1).clamp(0, PATTERNS as i32 - 1) as usize
    }
}

impl TrackParams {
    fn settings(&self, heard: &impl Heard) -> TrackSettings {
        TrackSettings {
            tune_st: heard.value(&self.tune),
            decay: heard.value(&self.decay),
            is_reverse: heard.value(&self.reverse),
            level_db: heard.value(&self.level),
            pan: heard.value(&self.pan),
            choke: heard.value(&self.choke).group(),
        }
    }

    /// What of its hit is the track's own affair.
    fn recipe(&self, heard: &impl Heard) -> Recipe {
        Recipe {
            classes: [&self.class, &self.class_b].map(|class| heard.value(class) as u8),
            blend: heard.value(&self.blend),
            draw: heard.value(&self.draw).into(),
            is_path: heard.value(&self.path),
            variation: heard.value(&self.variation).into(),
            vary: heard.value(&self.vary),
            morph: heard.value(&self.morph),
            morph_draw: heard.value(&self.morph_draw).into(),
            pad: [&self.pad_x, &self.pad_y].map(|pad| heard.value(pad)),
            ..Recipe::default()
        }
    }
}

fn track(index: usize) -> TrackParams {
    let name = |what: &str| format!("Track {} {what}", index + 1);
    // Names are the package's, and only the window knows them.
    let class = |what: &str| whole(name(what), index as i32, 0, MAX_CLASSES as i32 - 1);
    TrackParams {
        class: class("Class"),
        class_b: class("Class B"),
        blend: percentage(name("Blend"), 0.0, 0.0, 1.0),
        draw: whole(name("Draw"), 0, 0, MOST),
        path: switch(name("Path"), false),
        variation: whole(name("Variation"), 0, 0, MOST),
        vary: percentage(name("Vary"), 0.3, 0.0, 1.0),
        morph: percentage(name("Morph"), 0.0, 0.0, 1.0),
        morph_draw: whole(name("Morph Draw"), 1, 0, MOST),
        pad_x: linear(name("Pad X"), 0.0, -3.0, 3.0, "", 2),
        pad_y: linear(name("Pad Y"), 0.0, -3.0, 3.0, "", 2),
        tune: linear(name("Tune"), 0.0, -24.0, 24.0, " st", 2),
        decay: percentage(name("Decay"), 1.0, 0.0, 1.0),
        reverse: switch(name("Reverse"), false),
        level: linear(name("Level"), 0.0, -60.0, 12.0, " dB", 1),
        pan: percentage(name("Pan"), 0.0, -1.0, 1.0),
        choke: EnumParam::new(name("Choke"), Choke::Off),
        lock: switch(name("Lock"), false),
        mute: switch(name("Mute"), false),
        solo: switch(name("Solo"), false),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plugin_ui::drums::{Layout, Walk, param};

    use super::*;
    use crate::drums::machine::Evolving;
    use crate::drums::pattern::Step;
    use crate::drums::sequencer::evolve::Evolve;
    use crate::drums::sequencer::grid::StepLength;
    use crate::instance::midi_play::Own;
    use crate::instance::param_set::ParamSet;
    use crate::instance::saved_state::bring_up_to_date;

    /// With patterns, a kit and a walk of its own.
    fn made() -> DrumsParams {
        let params = DrumsParams::default();
        let mut patterns = Patterns::default();
        patterns.0[3].lines[7].steps[2] = Step::default().with_velocity(87).with_ratchet(3);
        params.patterns.put(patterns);
        let mut kit = Kit::default();
        kit.set_own(1, &[0.5, -1.25]);
        params.hits.set_kit(kit);
        params.walk.put(Walk { points: vec![[0.25, 0.5]], ..Walk::default() });
        *params.layout.lock() = Layout { track: 3, ..Layout::default() };
        params
    }

    #[test]
    fn a_state_round_trips_and_garbage_becomes_a_new_instance() {
        let params = made();
        let fresh = DrumsParams::default().serialize_fields();
        *params.kept.model.lock() = ModelRequest { name: "other".into(), hash: "ab".into() };
        *params.kept.state_version.lock() = 7;
        let set = params.serialize_fields();
        for key in ["patterns", "kit", "walk", "layout"] {
            assert_ne!(set[key], fresh[key], "{key} is not tried here");
        }
        let loaded = |fields| {
            let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
            bring_up_to_date::<DrumsParams>(&mut state);
            assert_eq!(state.params.len(), params.param_map().len());
            params.deserialize_fields(&state.fields);
            params.serialize_fields()
        };
        assert_eq!(loaded(BTreeMap::new()), fresh);
        assert_eq!(loaded(set.clone()), set);
        for garbage in ["", "{", "null", "[[[]]]", r#"{"name":7,"turns":"x","9":[]}"#, r#"[["x"]]"#] {
            let damaged = set.keys().map(|key| (key.clone(), garbage.to_owned())).collect();
            assert_eq!(loaded(damaged), fresh, "{garbage}");
            assert_eq!(loaded(set.clone()), set);
        }
        let size: usize = set.values().map(String::len).sum();
        assert!(size < 2000, "a state is small: {size}");
    }

    #[test]
    fn a_scene_holds_kit_patterns_and_walk_and_nonsense_changes_nothing() {
        let (from, to) = (made(), DrumsParams::default());
        for extra in &drums_table().extras {
            let value = from.extra(extra.id);
            assert_ne!(value, extra.default, "{}", extra.id);
            assert_eq!((extra.read)(&value), Some((value.clone(), false)), "{}", extra.id);
            to.set_extra(extra.id, &value);
            to.set_extra(extra.id, &serde_json::json!("nonsense").into());
            assert_eq!(to.extra(extra.id), value);
        }
        assert_eq!(to.patterns.get(), from.patterns.get());
        assert_eq!((to.hits.kit(), to.walk.get()), (from.hits.kit(), from.walk.get()));
    }

    #[test]
    fn the_window_shows_every_parameter_and_no_other() {
        let params = ParamSet::new(Arc::new(DrumsParams::default()));
        assert!(param::all().all(|id| params.get(id.0).is_some()));
        assert_eq!(param::all().count(), params.count());
    }

    #[test]
    fn what_is_set_is_what_plays() {
        let params = DrumsParams::default();
        let set = ParamSet::new(Arc::new(DrumsParams::default()));
        assert_eq!(set.count(), 12 + TRACKS * 20);
        let handles = super::super::param_set::handles(&params);
        let mut settings = params.settings(&Own);
        assert_eq!((settings.sequencer, settings.evolve), (SequencerSettings::default(), Evolve::Off));
        assert_eq!(settings.tracks, [TrackSettings::default(); TRACKS]);
        assert_eq!(settings.recipes[5].classes, [5, 5]);
        let put = |id: &str, text: &str| {
            let (_, param) = handles.iter().find(|(own, _)| own == id).unwrap();
            param.set(param.parse(text).unwrap_or_else(|| panic!("{id}: {text}")));
        };
        for (id, text) in [
            ("swing", "62"),
            ("step", "1/16 triplet"),
            ("pattern", "3"),
            ("chain", "2"),
            ("run", "Always"),
            ("evolve", "Bar"),
            ("evolve_what", "Vary"),
            ("take", "77"),
            ("class_2", "8"),
            ("class_b_2", "31"),
            ("blend_2", "25"),
            ("draw_2", "4711"),
            ("morph_2", "50"),
            ("pad_y_2", "-1.5"),
            ("tune_2", "7"),
            ("level_2", "-6"),
            ("pan_2", "-100"),
            ("choke_2", "4"),
        ] {
            put(id, text);
        }
        settings = params.settings(&Own);
        let sequencer = settings.sequencer;
        assert!((sequencer.swing - 0.62).abs() < 1e-6 && sequencer.runs_alone);
        assert_eq!((sequencer.step, sequencer.pattern), (StepLength::SixteenthTriplet, 2));
        assert_eq!((sequencer.chain, sequencer.take), (2, 77));
        assert_eq!((settings.evolve, settings.evolving), (Evolve::Bar, Evolving::Variation));
        let Recipe { track, classes, blend, draw, morph, pad, take, .. } = settings.recipes[1];
        assert_eq!((track, classes, blend, draw, take), (1, [8, 31], 0.25, 4711, 77));
        assert_eq!((morph, pad), (0.5, [0.0, -1.5]));
        let track = settings.tracks[1];
        assert!((track.tune_st - 7.0).abs() < 1e-4 && (track.level_db + 6.0).abs() < 1e-4);
        assert_eq!((track.pan, track.choke), (-1.0, 4));
    }

    #[test]
    fn ids_are_those_that_were_released() {
        let ids: Vec<String> = DrumsParams::default().param_map().into_iter().map(|(id, _, _)| id).collect();
        let of_all = "output_gain limiter swing step pattern chain run evolve evolve_what take listen sensitivity";
        let of_track = "class class_b blend draw path variation vary morph morph_draw pad_x pad_y tune decay reverse level \
            pan choke lock mute solo";
        let mut expected: Vec<String> = of_all.split_whitespace().map(Into::into).collect();
        for n in 1..=TRACKS {
            expected.extend(of_track.split_whitespace().map(|id| format!("{id}_{n}")));
        }
        assert_eq!(ids, expected);
    }
}
