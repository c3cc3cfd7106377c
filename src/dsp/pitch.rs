//! Fundamental frequency, causal: YIN's dips as candidates and the forward half of a Viterbi search over the hops.
//!
//! The models are trained on the labels of `models/training/timbreloom_train/pitch.py`; constants and steps are the
//! same here, and `tests/fixtures/pitch.json` holds both to it.

use super::yin::Yin;

/// Analysis window, frames.
pub const WINDOW_FRAMES: usize = 2048;

/// Frames that are compared with those one period before them, for a model that plays sooner than a hop later; others
/// compare all that the window has beside the longest lag, 1166. What the pitch is not yet known of is carried on by its slope: for speech and
/// a delay of 320 frames that is 14.5 cents off (median) with all of them, 11.2 with these.
const SHORT_WIDTH_FRAMES: usize = 700;

/// The lowest pitch that the window can show, Hz at 44.1 kHz.
pub const MIN_HZ: f32 = 50.0;

/// The highest pitch that the models' labels go to, Hz.
pub const MAX_HZ: f32 = 2200.0;

/// What a wide tracker finds, Hz: from the lowest note of a bass with a fifth string to the top of a piccolo.
pub const WIDE_HZ: (f32, f32) = (29.0, 4500.0);

/// Above [`MAX_HZ`] a dip must be as deep as this: a whistle's is below 0.02, a bright sound's partials lie above.
const HIGH_DEPTH: f64 = 0.1;

/// Where no dip is this deep a wide tracker looks again: at fewer frames, since a note may just have changed, and then below
/// [`MIN_HZ`], where a dip must be this deep.
const SHALLOW: f64 = 0.2;

/// Low pitches are looked for in every fourth frame, over a window of their own: 70 ms.
const THINNED: usize = 4;
const LOW_WINDOW: usize = 768;

/// Up to here the low search goes, Hz: a semitone into what the window shows by itself.
const LOW_TOP_HZ: f64 = 53.0;

/// A triangle, the frames that one in four is made from: what lies above 5 kHz is 26 dB down or more.
const SMOOTHED: usize = 2 * THINNED - 1;

/// Below this level a hop is silence, whatever its periodicity, dB(A) re full scale.
pub const LEVEL_GATE_DB: f32 = -62.0;

const CANDIDATES: usize = 6;
const UNVOICED: usize = CANDIDATES;
const UNVOICED_COST: f64 = 0.60;
const JUMP_COST: f64 = 1.6;
const JUMP_MAX: f64 = 0.5;
const SWITCH_COST: f64 = 0.12;
const LONG_LAG_COST: f64 = 0.08;
const SILENT_COST: f64 = 3.0;

/// Frequency of MIDI note 69, Hz.
const A4_HZ: f32 = 440.0;

/// The MIDI note of a frequency, with fractions.
pub fn note_of_hz(hz: f32) -> f32 {
    69.0 + 12.0 * (hz / A4_HZ).log2()
}

/// The frequency of a MIDI note, Hz.
pub fn hz_of_note(note: f32) -> f32 {
    A4_HZ * ((note - 69.0) / 12.0).exp2()
}

/// What the tracker says of one hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch {
    /// Fundamental, Hz; holds its last value where nothing is voiced.
    pub f0_hz: f32,
    /// Periodicity, 0 (unvoiced) to 1.
    pub voicing: f32,
}

#[derive(Clone, Copy)]
struct Dip {
    hz: f64,
    depth: f64,
}

const NO_DIP: Dip = Dip { hz: 100.0, depth: 2.0 };

/// Tracks the pitch of one channel, hop by hop. Allocates in `new` only.
pub struct PitchTracker {
    rate_hz: f64,
    max_hz: f64,
    yin: Yin,
    /// Of the last hop.
    compared_frames: usize,
    low: Option<Low>,
    window: Vec<f32>,
    total: [f64; CANDIDATES + 1],
    octave: [f64; CANDIDATES],
    is_first: bool,
    held_hz: f32,
    /// See [`Self::kept`].
    kept: f32,
}

impl PitchTracker {
    /// A tracker for sound at `rate_hz`, looking for pitches up to `max_hz` (at most [`MAX_HZ`]), for a model that plays
    /// `delay_frames` after a hop's end.
    pub fn new(rate_hz: f64, max_hz: f32, hop_frames: usize, delay_frames: usize) -> Self {
        let lags = ((rate_hz / f64::from(MIN_HZ)) as usize).min(WINDOW_FRAMES / 2);
        let width = if delay_frames < hop_frames { SHORT_WIDTH_FRAMES } else { WINDOW_FRAMES - lags };
        Self {
            rate_hz,
            max_hz: f64::from(max_hz.clamp(2.0 * MIN_HZ, MAX_HZ)),
            yin: Yin::new(WINDOW_FRAMES, width, lags),
            compared_frames: width,
            low: None,
            window: vec![0.0; WINDOW_FRAMES],
            total: [0.0; CANDIDATES + 1],
            octave: [0.0; CANDIDATES],
            is_first: true,
            held_hz: 110.0,
            kept: 0.0,
        }
    }

    /// As [`Self::new`], but one that also finds what lies beyond the labels that the models were trained on, within
    /// [`WIDE_HZ`]: for what is played, not for what is compared with those labels.
    pub fn wide(rate_hz: f64, hop_frames: usize, delay_frames: usize) -> Self {
        Self {
            max_hz: f64::from(WIDE_HZ.1),
            low: hop_frames.is_multiple_of(THINNED).then(|| Low::new(rate_hz)),
            ..Self::new(rate_hz, MAX_HZ, hop_frames, delay_frames)
        }
    }

    /// Takes the next hop of sound and its loudness, dB(A); returns the pitch [`Self::age_frames`] ago.
    pub fn next(&mut self, hop: &[f32], loudness_db: f32) -> Pitch {
        self.window.copy_within(hop.len().., 0);
        let start = self.window.len() - hop.len();
        self.window[start..].copy_from_slice(hop);
        if let Some(low) = &mut self.low {
            low.take(&self.window, hop.len());
        }
        let is_quiet = loudness_db < LEVEL_GATE_DB;
        // In silence every candidate costs the same: their pitches only matter as the places to jump from.
        let dips = if is_quiet { [NO_DIP; CANDIDATES] } else { self.dips() };
        let pitch = self.decide(&dips, is_quiet);
        self.kept = if is_quiet { 0.0 } else { self.periodicity(f64::from(pitch.f0_hz)) };
        pitch
    }

    /// Of the last hop within half a semitone of a pitch, 0 to 1.
    fn periodicity(&self, hz: f64) -> f32 {
        let (yin, rate_hz) = match &self.low {
            Some(low) if hz < f64::from(MIN_HZ) => (&low.yin, self.rate_hz / THINNED as f64),
            _ => (&self.yin, self.rate_hz),
        };
        1.0 - yin.least((rate_hz / hz * 0.97) as usize, (rate_hz / hz * 1.03).ceil() as usize) as f32
    }

    /// How periodic the last hop is at the pitch that was given for it, also where that is only held on to, 0 to 1; 0 where it is
    /// too soft for a pitch.
    pub fn kept(&self) -> f32 {
        self.kept
    }

    /// How long before the hop's end a pitch of `f0_hz` is centred, frames.
    ///
    /// The window's end is compared with what came one period before it: the two lie around this moment. Compared the
    /// other way round, the beginning with what follows, high notes would be known 10 ms later.
    pub fn age_frames(&self, f0_hz: f32) -> f32 {
        let width_frames = match &self.low {
            Some(low) if f0_hz < MIN_HZ => THINNED * low.yin.width_frames,
            _ => self.compared_frames,
        };
        0.5 * (width_frames as f32 + self.rate_hz as f32 / f0_hz)
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        if let Some(low) = &mut self.low {
            low.window.fill(0.0);
        }
        self.compared_frames = self.yin.width_frames;
        self.total = [0.0; CANDIDATES + 1];
        self.is_first = true;
        (self.held_hz, self.kept) = (110.0, 0.0);
    }

    /// The dips of the normalised difference that cost least, least first.
    ///
    /// They are interpolated before they are ranked, and long lags pay: ranked at whole lags, a period of 44.6 frames
    /// loses its place to its third multiple, and notes above 700 Hz fall a twelfth.
    fn dips(&mut self) -> [Dip; CANDIDATES] {
        self.yin.take(&self.window);
        self.compared_frames = self.yin.width_frames;
        let mut dips = self.ranked();
        let is_shallow = |dips: &[Dip]| dips.iter().all(|dip| dip.depth > SHALLOW);
        if self.low.is_some() && is_shallow(&dips) && SHORT_WIDTH_FRAMES < self.compared_frames {
            self.compared_frames = SHORT_WIDTH_FRAMES;
            self.yin.compare(&self.window, SHORT_WIDTH_FRAMES);
            dips = self.ranked();
        }
        if let Some(low) = &mut self.low
            && is_shallow(&dips)
            && let Some(dip) = low.deepest(self.rate_hz)
        {
            dips[CANDIDATES - 1] = dip;
        }
        dips
    }

    /// The dips of the difference as it is, least cost first.
    fn ranked(&self) -> [Dip; CANDIDATES] {
        let low = (self.rate_hz / self.max_hz) as usize;
        let mut best = [(f64::MAX, NO_DIP); CANDIDATES];
        for lag in low + 1..self.yin.lags - 1 {
            let Some((period, depth)) = self.yin.dip(lag) else { continue };
            let mut dip = Dip { hz: self.rate_hz / period, depth };
            if dip.hz > f64::from(MAX_HZ) {
                if depth > HIGH_DEPTH {
                    continue;
                }
                dip.hz = self.rate_hz / self.refined(period);
            }
            let score = dip.depth + LONG_LAG_COST * (self.rate_hz / dip.hz).log2();
            if score < best[CANDIDATES - 1].0 {
                let place = best.partition_point(|&(other, _)| other <= score);
                best.copy_within(place..CANDIDATES - 1, place + 1);
                best[place] = (score, dip);
            }
        }
        best.map(|(_, dip)| dip)
    }

    /// A short period from where its fourth multiple lies: a parabola over few frames is up to 20 cents off.
    fn refined(&self, period: f64) -> f64 {
        const MULTIPLE: f64 = 4.0;
        let near = (MULTIPLE * period).round() as usize;
        (near - 2..=near + 2).find_map(|lag| self.yin.dip(lag)).map_or(period, |(lag, _)| lag / MULTIPLE)
    }

    /// One forward step of the search: the cheapest way to each candidate, and the cheapest candidate.
    fn decide(&mut self, dips: &[Dip; CANDIDATES], is_quiet: bool) -> Pitch {
        let octave = dips.map(|dip| dip.hz.log2());
        let mut total = self.total;
        if !self.is_first {
            for (to, slot) in total.iter_mut().enumerate() {
                *slot = (0..=UNVOICED)
                    .map(|from| self.total[from] + move_cost(self.octave.get(from), octave.get(to)))
                    .fold(f64::MAX, f64::min);
            }
        }
        let (bottom, top) = (f64::from(MIN_HZ).log2(), f64::from(MAX_HZ).log2());
        for (n, dip) in dips.iter().enumerate() {
            total[n] += if is_quiet { SILENT_COST } else { dip.depth + LONG_LAG_COST * (top - octave[n].max(bottom)) };
        }
        total[UNVOICED] += if is_quiet { 0.0 } else { UNVOICED_COST };
        let least = total.iter().copied().fold(f64::MAX, f64::min);
        let choice = total.iter().position(|&cost| cost == least).unwrap_or(UNVOICED);
        self.total = total.map(|cost| cost - least);
        self.octave = octave;
        self.is_first = false;
        match dips.get(choice) {
            Some(dip) => {
                self.held_hz = dip.hz as f32;
                Pitch { f0_hz: self.held_hz, voicing: (1.0 - dip.depth).clamp(0.0, 1.0) as f32 }
            }
            None => Pitch { f0_hz: self.held_hz, voicing: 0.0 },
        }
    }
}

/// What it costs to go from one state to another between two hops; `None` is "unvoiced".
fn move_cost(from: Option<&f64>, to: Option<&f64>) -> f64 {
    match (from, to) {
        (Some(from), Some(to)) => (JUMP_COST * (from - to).abs()).min(JUMP_MAX),
        (None, None) => 0.0,
        _ => SWITCH_COST,
    }
}

/// The search below [`MIN_HZ`], on thinned sound.
struct Low {
    yin: Yin,
    window: Vec<f32>,
}

impl Low {
    fn new(rate_hz: f64) -> Self {
        let lags = ((rate_hz / THINNED as f64 / f64::from(WIDE_HZ.0)) as usize + 2).min(LOW_WINDOW / 2 + 16);
        Self { yin: Yin::new(LOW_WINDOW, LOW_WINDOW - lags, lags), window: vec![0.0; LOW_WINDOW] }
    }

    /// Takes the newest `frames` of a window.
    fn take(&mut self, window: &[f32], frames: usize) {
        let count = (frames / THINNED).min(LOW_WINDOW);
        self.window.copy_within(count.., 0);
        let first = window.len() - count * THINNED;
        let places = self.window[LOW_WINDOW - count..].iter_mut().enumerate();
        for (n, slot) in places {
            let end = first + (n + 1) * THINNED;
            let frames = &window[end.saturating_sub(SMOOTHED)..end];
            let weight = |n: usize| (THINNED - n.abs_diff(THINNED - 1)) as f32;
            *slot = frames.iter().enumerate().map(|(n, sample)| sample * weight(n)).sum::<f32>()
                / (THINNED * THINNED) as f32;
        }
    }

    /// The deepest dip below [`LOW_TOP_HZ`], if it is deep enough.
    fn deepest(&mut self, rate_hz: f64) -> Option<Dip> {
        self.yin.take(&self.window);
        let rate_hz = rate_hz / THINNED as f64;
        let dips = ((rate_hz / LOW_TOP_HZ) as usize..self.yin.lags - 1).filter_map(|lag| self.yin.dip(lag));
        let (lag, depth) = dips.min_by(|a, b| a.1.total_cmp(&b.1))?;
        (depth < SHALLOW).then_some(Dip { hz: rate_hz / lag, depth })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE_HZ: f64 = 44_100.0;

    fn track(sound: impl Fn(usize) -> f32, hops: usize) -> Vec<Pitch> {
        let mut tracker = PitchTracker::new(RATE_HZ, MAX_HZ, 512, 1024);
        (0..hops)
            .map(|hop| {
                let samples: Vec<f32> = (hop * 512..(hop + 1) * 512).map(&sound).collect();
                tracker.next(&samples, -20.0)
            })
            .collect()
    }

    /// A tone of so many partials, the second half as loud as the first, and so on.
    fn partials(hz: f64, count: i32) -> impl Fn(usize) -> f32 {
        let partial = move |k: i32, n: usize| (std::f64::consts::TAU * hz * f64::from(k) * n as f64 / RATE_HZ).sin();
        move |n| (1..=count).map(|k| partial(k, n) as f32 * 0.2 / k as f32).sum()
    }

    fn cents(a: f32, b: f64) -> f64 {
        1200.0 * (f64::from(a) / b).log2()
    }

    #[test]
    fn harmonic_tones_are_found_within_three_cents() {
        for hz in [55.0, 110.0, 233.1, 440.0, 987.77, 1479.98, 1975.5] {
            let last = track(partials(hz, 5), 20)[19];
            assert!(cents(last.f0_hz, hz).abs() < 3.0, "{hz}: {last:?}");
            assert!(last.voicing > 0.9, "{hz}: {last:?}");
        }
    }

    #[test]
    fn a_wide_tracker_finds_basses_and_whistles_and_says_the_same_between() {
        for (hz, count) in [
            (30.87, 12),
            (36.7, 8),
            (41.2, 8),
            (46.25, 20),
            (49.0, 8),
            (55.0, 8),
            (220.0, 5),
            (1975.5, 3),
            (2637.0, 1),
            (3136.0, 2),
            (3951.0, 1),
            (4434.9, 1),
        ] {
            for delay_frames in [320, 1024] {
                let sound = partials(hz, count);
                let mut tracker = PitchTracker::wide(RATE_HZ, 512, delay_frames);
                let hops = (0..24).map(|hop| (hop * 512..(hop + 1) * 512).map(&sound).collect::<Vec<f32>>());
                let last = hops.map(|hop| tracker.next(&hop, -20.0)).last().unwrap();
                assert!(cents(last.f0_hz, hz).abs() < 8.0 && last.voicing > 0.9, "{hz}: {last:?}");
            }
        }
    }

    #[test]
    fn a_wide_tracker_follows_a_fast_trill() {
        // Ten times a second up and down a fifth: each note lasts 50 ms, and the window is 46.
        for (low_hz, high_hz) in [(220.0, 330.0), (147.0, 220.5)] {
            let hz_at = |n: usize| if (n * 20 / RATE_HZ as usize).is_multiple_of(2) { low_hz } else { high_hz };
            let right = |mut tracker: PitchTracker| {
                let (mut phase, mut n, mut right) = (0.0, 0, 0);
                for _ in 0..240 {
                    let hop: Vec<f32> = (0..512)
                        .map(|_| {
                            phase += std::f64::consts::TAU * hz_at(n) / RATE_HZ;
                            n += 1;
                            (1..9).map(|k| (f64::from(k) * phase).sin() as f32 * 0.1 / k as f32).sum()
                        })
                        .collect();
                    let pitch = tracker.next(&hop, -20.0);
                    let at = (n as f32 - tracker.age_frames(pitch.f0_hz)).max(0.0) as usize;
                    right += usize::from(pitch.voicing > 0.0 && cents(pitch.f0_hz, hz_at(at)).abs() < 50.0);
                }
                right as f64 / 240.0
            };
            let labels = right(PitchTracker::new(RATE_HZ, MAX_HZ, 512, 1024));
            let wide = right(PitchTracker::wide(RATE_HZ, 512, 1024));
            println!("{low_hz} Hz: {wide:.3}, {labels:.3} without a second look");
            assert!(wide > 0.7 && wide > labels + 0.04, "{low_hz} Hz: {wide}, {labels} without a second look");
        }
    }

    /// What the training code's tracker says of the same sound: the models were trained on its labels.
    #[test]
    fn it_says_what_the_training_codes_tracker_says() {
        #[derive(serde::Deserialize)]
        struct Fixture {
            audio_i16: Vec<i16>,
            hop_frames: usize,
            max_hz: f32,
            loudness_db: Vec<f32>,
            labels: Vec<Labels>,
        }
        #[derive(serde::Deserialize)]
        struct Labels {
            delay_frames: usize,
            f0_hz: Vec<f32>,
            voicing: Vec<f32>,
        }
        let text = include_str!("../../tests/fixtures/pitch.json");
        let fixture: Fixture = serde_json::from_str(text).expect("the fixture is valid");
        for labels in &fixture.labels {
            let hop_frames = fixture.hop_frames;
            let mut tracker = PitchTracker::new(RATE_HZ, fixture.max_hz, hop_frames, labels.delay_frames);
            let mut is_voiced_yet = false;
            for (hop, samples) in fixture.audio_i16.chunks(hop_frames).enumerate() {
                let samples: Vec<f32> = samples.iter().map(|&s| f32::from(s) / 32_768.0).collect();
                let pitch = tracker.next(&samples, fixture.loudness_db[hop]);
                is_voiced_yet |= pitch.voicing > 0.0;
                assert!((pitch.voicing - labels.voicing[hop]).abs() < 0.01, "hop {hop}: {pitch:?}");
                // Before the first voiced hop the training code fills in the first pitch; a stream cannot know it.
                if is_voiced_yet {
                    let off = cents(pitch.f0_hz, f64::from(labels.f0_hz[hop]));
                    assert!(off.abs() < 0.5, "hop {hop}: {pitch:?} is {off} cents off");
                }
            }
            assert!(is_voiced_yet);
        }
        assert_ne!(fixture.labels[0].f0_hz, fixture.labels[1].f0_hz);
    }

    #[test]
    fn a_note_out_of_digital_silence_brings_no_false_pitch() {
        let tone = |n: usize| (std::f64::consts::TAU * 440.0 * n as f64 / RATE_HZ).sin() as f32 * 0.3;
        for pitch in track(|n| if n < 512 * 10 { 0.0 } else { tone(n) }, 30) {
            assert!(pitch.voicing == 0.0 || cents(pitch.f0_hz, 440.0).abs() < 20.0, "{pitch:?}");
        }
    }

    #[test]
    fn noise_is_unvoiced_and_pitch_is_held() {
        let mut noise = vec![0.0; 512 * 40];
        crate::dsp::noise::Noise::new(3).fill(&mut noise);
        let tone = |n: usize| (std::f64::consts::TAU * 220.0 * n as f64 / RATE_HZ).sin() as f32 * 0.3;
        let pitches = track(|n| if n < 512 * 10 { tone(n) } else { noise[n] * 0.1 }, 40);
        assert!(cents(pitches[9].f0_hz, 220.0).abs() < 3.0);
        let unvoiced = pitches[16..].iter().filter(|p| p.voicing == 0.0).count();
        assert!(unvoiced >= 20, "{unvoiced} of 24 hops");
    }
}
