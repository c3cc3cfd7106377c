//! What the drum machine publishes, as its window shows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nih_plug::prelude::util;
use plugin_ui::EngineState as Shown;
use plugin_ui::drums::{DrumsStatus, HitPicture, HitState, KitView, Playing, TrackStatus};

use super::kit_view::kit_view;
use super::patterns;
use crate::drums::TRACKS;
use crate::drums::machine::MachineSettings;
use crate::drums::pattern::Patterns;
use crate::drums::recipe::{MAX_EMBEDDING, Recipe};
use crate::drums::sequencer::settings::SequencerSettings;
use crate::editor::status::Picture;
use crate::hits::kit::Kit;
use crate::instance::drums_params::DrumsParams;
use crate::instance::drums_window_link::DrumsWindowLink;
use crate::instance::midi_play::{Heard, HeardInWindow};

/// A hit that is not there by then is not being made: the host stands still, or has it from before.
const PATIENCE: Duration = Duration::from_secs(3);

/// Status and kit of one instance, copied for each frame. GUI thread.
pub struct DrumsPicture {
    window_link: Arc<DrumsWindowLink>,
    params: Arc<DrumsParams>,
    heard: HeardInWindow,
    picture: Picture,
    /// See [`DrumsStatus`].
    pub status: DrumsStatus,
    /// See [`KitView`].
    pub kit: KitView,
    /// What is set, as it is heard.
    pub settings: MachineSettings,
    /// Numbers of an embedding; 0 while there is no model.
    pub embedding: usize,
    /// What [`DrumsStatus::patterns`] was made of.
    patterns: Patterns,
    seen_package: Option<u64>,
    seen_late: u32,
    late: Arc<str>,
    /// The kit, and its count.
    own: (u32, Kit),
    waits: [Wait; TRACKS],
}

impl DrumsPicture {
    pub fn new(window_link: Arc<DrumsWindowLink>, params: Arc<DrumsParams>) -> Self {
        Self {
            heard: HeardInWindow::new(&params),
            picture: Picture::new(Arc::clone(&window_link.telemetry)),
            status: DrumsStatus::default(),
            kit: KitView::default(),
            settings: MachineSettings::default(),
            embedding: 0,
            patterns: Patterns::default(),
            seen_package: None,
            seen_late: 0,
            late: "".into(),
            own: (window_link.hits.generation(), window_link.hits.kit()),
            waits: [Wait { key: 0, since: Instant::now() }; TRACKS],
            window_link,
            params,
        }
    }

    /// Copies what the other threads publish. May block for the moment in which a package is replaced.
    pub fn refresh(&mut self) {
        self.window_link.explain_fault();
        self.picture.refresh();
        self.status.plugin.clone_from(&self.picture.status);
        self.tell();
        let packages = self.window_link.packages();
        if self.seen_package != Some(packages) {
            self.seen_package = Some(packages);
            let package = self.window_link.package();
            self.embedding = package.embedding;
            self.kit = kit_view(packages, &package);
        }
        let patterns = self.params.patterns.get();
        if self.patterns != patterns {
            self.status.patterns = Arc::new(patterns::shown(&patterns));
            self.patterns = patterns;
        }
        let walk = self.params.walk.get();
        if *self.status.walk != walk {
            self.status.walk = Arc::new(walk);
        }
        let position = self.window_link.display.position();
        self.settings = self.params.settings(&self.heard);
        if position.is_some() {
            // A key may have chosen another one than the parameter says.
            self.settings.sequencer.pattern = self.window_link.display.pattern();
        }
        self.status.playing = position.map(|beats| playing(beats, &self.settings.sequencer, &self.patterns));
        self.refresh_tracks();
    }

    /// The hit that a track plays now, or would.
    pub fn recipe(&self, track: usize) -> Recipe {
        self.settings.recipe(track, self.status.playing.map_or(0.0, |playing| playing.beats))
    }

    /// The output gain, linear.
    pub fn gain(&self) -> f32 {
        util::db_to_gain(self.heard.value(&self.params.output_gain))
    }

    /// What is wrong with hits: that they cannot be made, or came too late.
    fn tell(&mut self) {
        let fault = self.window_link.hits.fault();
        if !fault.is_empty() && self.status.plugin.state == Shown::Ready {
            self.status.plugin.state = Shown::Faulted(fault.into());
        }
        let late = self.window_link.display.late();
        if late != self.seen_late {
            self.seen_late = late;
            self.late = late_sentence(late).into();
        }
        if late > 0 {
            self.status.plugin.underruns = late.into();
            self.status.plugin.dropouts = Arc::clone(&self.late);
        }
    }

    fn refresh_tracks(&mut self) {
        let hits = &self.window_link.hits;
        let generation = hits.generation();
        if self.own.0 != generation {
            self.own = (generation, hits.kit());
        }
        let (now, is_ready) = (Instant::now(), self.status.plugin.state == Shown::Ready);
        for (track, peak) in self.window_link.display.take_peaks().into_iter().enumerate() {
            let recipe = self.recipe(track);
            let (made, last) = (hits.view_of(track, recipe.key()), hits.view(track));
            let hit = match is_ready {
                true => self.waits[track].state(recipe.key(), made.is_some(), last.key != 0, now),
                false => HitState::Missing,
            };
            let view = made.unwrap_or(last);
            let TrackStatus { level_db, hit: shown_hit, picture, at } = &mut self.status.tracks[track];
            if picture.generation != view.key {
                *picture = Arc::new(HitPicture { generation: view.key, columns: view.columns.clone() });
            }
            *level_db = if peak > 0.0 { 20.0 * peak.log10() } else { f32::NEG_INFINITY };
            (*shown_hit, *at) = (hit, place(&recipe, self.own.1.own(track), self.embedding));
        }
    }
}

/// Where a hit lies on the plane of its kind before the pad moves it.
fn place(recipe: &Recipe, own: &[f32], embedding: usize) -> [f32; 2] {
    let mut e = [0.0; MAX_EMBEDDING];
    Recipe { pad: [0.0; 2], ..*recipe }.embed(own, &mut e[..embedding.min(MAX_EMBEDDING)]);
    [e[0], e[1]]
}

/// What is played at a place in the song, beats.
fn playing(beats: f64, settings: &SequencerSettings, patterns: &Patterns) -> Playing {
    let index = settings.step_at(beats);
    let pattern = settings.pattern_at(index);
    let lines = &patterns.0[pattern].lines;
    Playing { beats, pattern, steps: std::array::from_fn(|track| lines[track].looped(settings.step_of_line(index))) }
}

/// What late hits are, and what to do. Allocates.
fn late_sentence(late: u32) -> String {
    let hits = if late == 1 { "1 hit was".to_owned() } else { format!("{late} hits were") };
    format!(
        "{hits} not made in time: the one before, or none, was heard in its place. Let hits evolve less often, close other \
         programs, or bounce the track: a bounce waits for every hit."
    )
}

/// Since when a track waits for a hit.
#[derive(Clone, Copy)]
struct Wait {
    key: u64,
    since: Instant,
}

impl Wait {
    /// Whether the hit of a key can be heard, which has been made or not; `has_last`: one was made before it.
    fn state(&mut self, key: u64, is_made: bool, has_last: bool, now: Instant) -> HitState {
        if self.key != key {
            *self = Self { key, since: now };
        }
        match (is_made, now.saturating_duration_since(self.since) < PATIENCE) {
            (true, _) => HitState::Ready,
            (false, true) => HitState::Rendering,
            (false, false) if has_last => HitState::Ready,
            (false, false) => HitState::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_is_awaited_for_some_seconds_and_then_the_one_before_is_heard() {
        let now = Instant::now();
        let mut wait = Wait { key: 0, since: now };
        assert_eq!(wait.state(7, false, true, now), HitState::Rendering);
        let later = now + PATIENCE;
        assert_eq!(wait.state(7, true, true, later), HitState::Ready);
        assert_eq!(wait.state(7, false, true, later), HitState::Ready);
        assert_eq!(wait.state(7, false, false, later), HitState::Missing);
        assert_eq!(wait.state(8, false, true, later), HitState::Rendering, "another hit is waited for anew");
    }

    #[test]
    fn each_track_is_at_the_step_of_its_own_line() {
        let mut patterns = Patterns::default();
        for (n, line) in patterns.0[3].lines.iter_mut().enumerate() {
            *line = line.with_length(n as u8 + 9);
        }
        let settings = SequencerSettings { pattern: 2, chain: 2, ..SequencerSettings::default() };
        let playing = playing(7.125, &settings, &patterns);
        assert_eq!((playing.beats, playing.pattern), (7.125, 3));
        assert_eq!(playing.steps, [3, 2, 1, 0, 12, 12, 12, 12], "in a chain lines begin with their pattern");
    }

    #[test]
    fn a_hit_lies_where_it_would_without_the_pad() {
        let recipe = Recipe { pad: [2.0, -1.0], ..Recipe::default() };
        assert_eq!(place(&recipe, &[0.5, -0.25], 8), [0.5, -0.25]);
        assert_eq!(place(&recipe, &[0.5], 0), [0.0, 0.0]);
    }

    #[test]
    fn late_hits_are_counted_in_words() {
        assert!(late_sentence(1).starts_with("1 hit was not made in time"));
        assert!(late_sentence(3).starts_with("3 hits were not made in time"));
    }
}
