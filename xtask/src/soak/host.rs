//! The main thread of a DAW with sixteen instances: it opens windows, saves and loads projects, changes models, takes instances
//! away and puts new ones in, while the audio threads play on.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use test_host::{Format, Instance, Library, Render};

use super::audio::{Counts, Desk, Kind, Track};
use super::server::Screen;
use super::{BLOCK_FRAMES, RATE_HZ};

/// Instances of all plugins together.
pub(super) const INSTANCES: usize = 16;

/// Drum machines among them, the last ones.
const DRUMS: usize = 3;

/// Effects for each processor: one that plays two channels on a slow processor takes a sixth of it.
const EFFECTS_PER_PROCESSOR: usize = 2;

/// Taken in turns. Instances exchange their models, so what is loaded stays the same.
const EFFECT_MODELS: [&str; 4] = ["cello", "cello-live", "flute", "strings"];
const CODES_MODELS: [&str; 4] = ["horn-codes", "cello-codes", "flute-codes", "voice-codes"];

/// What the drum machines' tracks play.
const BEAT: [&str; 4] = ["9...9..39...9...", "....9.......9..2", "9494949494949494", "......7...7....."];

/// What automation leaves alone: what silences on purpose, and so would be taken for a dropout.
const NOT_AUTOMATED: [&str; 5] = ["Bypass", "Mix", "Input Gain", "Output Gain", "Loudness Level"];

const WINDOW: [u32; 2] = [1100, 700];

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    pub(super) windows: u64,
    pub(super) swaps: u64,
    pub(super) saves: u64,
    pub(super) loads: u64,
    pub(super) restarts: u64,
    pub(super) renewals: u64,
    pub(super) resets: u64,
}

struct Place {
    kind: Kind,
    instance: Instance,
    restarts_seen: u32,
    window_until: Option<(Instant, usize)>,
}

/// A session.
pub(super) struct Host {
    // In this order they go: nothing plays any more when the instances do.
    desks: Vec<Desk>,
    places: Vec<Place>,
    /// The windows that the plugins' go into, and whether each is taken.
    screens: Vec<(Screen, bool)>,
    library: Library,
    random: fastrand::Rng,
    pub(super) counts: Arc<Counts>,
    pub(super) deeds: Deeds,
}

impl Host {
    /// Loads the library and starts all instances. Without a display no window is opened.
    pub(super) fn start(bundle: &Path, has_display: bool, seed: u64) -> Result<Self> {
        let counts = Arc::new(Counts::default());
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(2);
        let desks = (0..threads).map(|_| Desk::start(Arc::clone(&counts))).collect::<Result<Vec<_>, _>>()?;
        let screens =
            if has_display { vec![(Screen::open(WINDOW), false), (Screen::open(WINDOW), false)] } else { vec![] };
        let mut host = Self {
            desks,
            places: Vec::new(),
            screens,
            library: Library::load(bundle)?,
            random: fastrand::Rng::with_seed(seed),
            counts,
            deeds: Deeds::default(),
        };
        let effects = (EFFECTS_PER_PROCESSOR * super::watch::processors().len()).min(INSTANCES / 2);
        for index in 0..INSTANCES {
            let kind = match index {
                _ if index < effects => Kind::Effect,
                _ if index < INSTANCES - DRUMS => Kind::Codes,
                _ => Kind::Drums,
            };
            let field = match kind {
                Kind::Effect => ("model", model(EFFECT_MODELS[index % EFFECT_MODELS.len()])),
                Kind::Codes => ("model", model(CODES_MODELS[index % CODES_MODELS.len()])),
                Kind::Drums => ("patterns", patterns(&BEAT)),
            };
            let mut instance = host.make(kind)?;
            let state = with_field(&instance.save_state()?, field)?;
            instance.load_state(&state)?;
            host.places.push(Place { kind, instance, restarts_seen: 0, window_until: None });
            host.play(index)?;
        }
        Ok(host)
    }

    /// What a host's main thread does all the time.
    pub(super) fn idle(&mut self) -> Result<()> {
        for index in 0..self.places.len() {
            let place = &mut self.places[index];
            place.instance.idle();
            if place.window_until.is_some_and(|(until, _)| until <= Instant::now()) {
                self.close_window(index);
            }
            let place = &mut self.places[index];
            if place.instance.callbacks().restarts != place.restarts_seen {
                self.restart(index)?;
            }
        }
        Ok(())
    }

    /// Does one of the things that a musician does.
    pub(super) fn act(&mut self) -> Result<()> {
        let index = self.random.usize(..self.places.len());
        let deed = self.random.u32(..100);
        let what = match deed {
            0..25 => "saving",
            25..40 => "loading",
            40..60 => "swapping",
            60..85 => "opening a window",
            85..90 => "restarting",
            90..95 => "renewing",
            _ => "resetting",
        };
        if let Ok(mut last) = self.counts.last_deed.lock() {
            *last = Some((what, index, Instant::now()));
        }
        match deed {
            0..25 => {
                self.places[index].instance.save_state()?;
                self.deeds.saves += 1;
            }
            25..40 => {
                let state = self.places[index].instance.save_state()?;
                self.places[index].instance.load_state(&state)?;
                self.deeds.loads += 1;
            }
            40..60 => self.swap(index)?,
            60..85 => self.open_window(index)?,
            85..90 => self.restart(index)?,
            90..95 => self.renew(index)?,
            _ => {
                self.desk(index).reset(index);
                self.deeds.resets += 1;
            }
        }
        Ok(())
    }

    /// Closes all windows.
    pub(super) fn close_windows(&mut self) {
        (0..self.places.len()).for_each(|index| self.close_window(index));
    }

    fn make(&mut self, kind: Kind) -> Result<Instance> {
        let mut instance = self.library.instantiate(kind.id())?;
        instance.set_render(Render::Realtime)?;
        if kind == Kind::Effect {
            instance.set_by_text("Mix", "100 %")?;
            // As the manual says of crowded projects.
            instance.set_by_text("Latency", "Safe")?;
        }
        Ok(instance)
    }

    fn desk(&self, index: usize) -> &Desk {
        &self.desks[index % self.desks.len()]
    }

    fn play(&mut self, index: usize) -> Result<()> {
        let place = &mut self.places[index];
        let format = Format { rate_hz: RATE_HZ, min_block_frames: BLOCK_FRAMES, max_block_frames: BLOCK_FRAMES };
        place.instance.activate(format)?;
        place.restarts_seen = place.instance.callbacks().restarts;
        let latency_frames = place.instance.latency_frames()?;
        let params = place.instance.params()?;
        let is_automated = |name: &str| !NOT_AUTOMATED.contains(&name) && !name.starts_with("Side-Chain");
        let automated = params.iter().filter(|p| p.is_automatable && !p.is_hidden && is_automated(&p.name));
        let automated = automated.map(|param| param.id).collect();
        let player = place.instance.lend_player()?;
        let track = Track::new(place.kind, player, automated, latency_frames, self.random.u64(..));
        self.desk(index).play(index, track);
        Ok(())
    }

    fn stop(&mut self, index: usize) -> Result<()> {
        let track = self.desk(index).give_back(index).context("the audio thread has lost an instance")?;
        let instance = &mut self.places[index].instance;
        instance.return_player(track.player);
        instance.deactivate();
        Ok(())
    }

    fn restart(&mut self, index: usize) -> Result<()> {
        self.stop(index)?;
        self.deeds.restarts += 1;
        self.play(index)
    }

    /// Two instances exchange all they hold, models too.
    fn swap(&mut self, index: usize) -> Result<()> {
        let kind = self.places[index].kind;
        let others: Vec<usize> =
            (0..self.places.len()).filter(|other| *other != index && self.places[*other].kind == kind).collect();
        let other = others[self.random.usize(..others.len())];
        let (one, two) = (self.places[index].instance.save_state()?, self.places[other].instance.save_state()?);
        self.places[index].instance.load_state(&two)?;
        self.places[other].instance.load_state(&one)?;
        self.deeds.swaps += 1;
        Ok(())
    }

    /// The instance is taken out, and another one comes in its place, with its settings.
    fn renew(&mut self, index: usize) -> Result<()> {
        self.close_window(index);
        let state = self.places[index].instance.save_state()?;
        self.stop(index)?;
        let mut instance = self.make(self.places[index].kind)?;
        instance.load_state(&state)?;
        self.places[index].instance = instance;
        self.deeds.renewals += 1;
        self.play(index)
    }

    fn open_window(&mut self, index: usize) -> Result<()> {
        let Some(screen) = self.screens.iter().position(|(_, is_taken)| !is_taken) else { return Ok(()) };
        if self.places[index].window_until.is_some() {
            return Ok(());
        }
        self.places[index].instance.open_window(self.screens[screen].0.window())?;
        self.screens[screen].1 = true;
        let until = Instant::now() + Duration::from_millis(self.random.u64(500..5000));
        self.places[index].window_until = Some((until, screen));
        self.deeds.windows += 1;
        Ok(())
    }

    fn close_window(&mut self, index: usize) {
        if let Some((_, screen)) = self.places[index].window_until.take() {
            self.places[index].instance.close_window();
            self.screens[screen].1 = false;
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.close_windows();
        for index in 0..self.places.len() {
            let _ = self.stop(index);
        }
    }
}

/// What a state says that asks for a model by its name.
fn model(name: &str) -> Value {
    json!({ "name": name, "hash": "" })
}

/// What a state says of the first pattern of a drum machine, a line for each track.
pub(super) fn patterns(lines: &[&str]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|steps| json!({ "steps": steps })).collect();
    json!({ "1": lines })
}

/// A CLAP state of nice-plug, eight bytes of length and then JSON, with another text in one of its fields.
pub(super) fn with_field(state: &[u8], (key, value): (&str, Value)) -> Result<Vec<u8>> {
    let text = state.get(8..).context("a state begins with its length")?;
    let mut json: Value = serde_json::from_slice(text).context("a state is JSON")?;
    json["fields"][key] = value.to_string().into();
    let text = serde_json::to_vec(&json)?;
    Ok([&(text.len() as u64).to_le_bytes()[..], &text].concat())
}
