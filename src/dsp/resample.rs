//! Between the host's rate and the model's: rubato's windowed sinc, in the two shapes that streaming asks for.
//!
//! The way in has a fixed output (one hop), the way out a fixed input (one hop), so neither waits for a chunk of its
//! own. Where each frame lies is known exactly: the sums below are rubato 5's own and are held to it by tests.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{
    Async, FixedAsync, Indexing, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// Taps of the sinc: 0.7 ms of delay at 48 kHz; pass band to 0.9 of the lower Nyquist frequency.
const TAPS: usize = 64;

/// Places between two frames at which the sinc is tabulated at most. Between them a straight line is off by -94 dB at
/// most, at half the cost of a cubic one.
const MOST_PLACES: usize = 256;

/// After `n` hops the way in has taken at most `n * hop * ratio + INPUT_MARGIN` frames (rounded up): rubato's 1, and 1
/// for the rounding of its running index.
pub const INPUT_MARGIN: f64 = 2.0;

/// After `n` hops the way out has given at least `(n * hop - OUTPUT_MARGIN) * ratio` frames (rounded down): rubato's 2,
/// and 1 for rounding.
pub const OUTPUT_MARGIN: f64 = 3.0;

/// Whether two rates differ at all; rates come from hosts as floats.
pub fn is_needed(host_rate_hz: f64, model_rate_hz: f64) -> bool {
    (host_rate_hz - model_rate_hz).abs() > 1e-6 * model_rate_hz
}

/// How finely the sinc is tabulated for a ratio of output to input rate, and how it is read between the places.
///
/// Between common rates (48 and 44.1 kHz are 160 to 147) each output frame falls exactly on a place, once the table has
/// a multiple of the fraction's numerator: one product of [`TAPS`] instead of two, and no error.
fn table(ratio: f64) -> (usize, SincInterpolationType) {
    let is_whole = |x: f64| (x - x.round()).abs() < 1e-9;
    match (1..=MOST_PLACES).find(|&numerator| is_whole(numerator as f64 / ratio)) {
        Some(numerator) => (MOST_PLACES / numerator * numerator, SincInterpolationType::Nearest),
        None => (MOST_PLACES, SincInterpolationType::Linear),
    }
}

/// How late output frame `n` is, in frames of the input: it shows the input at `n / ratio - delay_frames(ratio)`.
///
/// `ratio` is output rate over input rate.
pub fn delay_frames(ratio: f64) -> f64 {
    // The first output lies one output step after -(TAPS - 1), seen through a sinc whose centre is TAPS / 2 + 1 frames
    // later, but for one step of its table.
    (TAPS / 2) as f64 - 1.0 / table(ratio).0 as f64 - 1.0 / ratio
}

/// One channel's resampler, which rests while there is nothing but silence: its place in time goes on, its sums are left
/// out. What it makes is the same.
struct Sinc {
    inner: Async<f32>,
    at_rest: Indexing,
    /// How long it has been given silence: what is older than [`Self::MEMORY_FRAMES`] is forgotten.
    silent_frames: usize,
    /// The longest input meanwhile: what lies beyond it in rubato's buffer is older than the silence.
    cleared_frames: usize,
}

impl Sinc {
    const MEMORY_FRAMES: usize = 2 * TAPS;

    /// `silent_frames` and `cleared_frames` before anything was heard.
    const NEVER_HEARD: (usize, usize) = (usize::MAX, usize::MAX);

    fn new(ratio: f64, hop_frames: usize, fixed: FixedAsync) -> Self {
        let (places, interpolation) = table(ratio);
        let parameters = SincInterpolationParameters::new(TAPS, WindowFunction::BlackmanHarris2)
            .oversampling_factor(places)
            .interpolation(interpolation);
        let inner = Async::new_sinc(ratio, 1.0, &parameters, hop_frames, 1, fixed)
            .expect("the ratio is finite and positive, the hop is not empty: checked by Timing and the package");
        let at_rest = Indexing::new().active_channels_mask(vec![false]);
        let (silent_frames, cleared_frames) = Self::NEVER_HEARD;
        Self { inner, at_rest, silent_frames, cleared_frames }
    }

    /// What the next [`Self::process`] takes, frames; and what it gives, frames.
    fn next_frames(&self) -> (usize, usize) {
        (self.inner.input_frames_next(), self.inner.output_frames_next())
    }

    /// The most that [`Self::next_frames`] can be.
    fn most_frames(&self) -> (usize, usize) {
        (self.inner.input_frames_max(), self.inner.output_frames_max())
    }

    /// Takes and gives [`Self::next_frames`]; what lies behind them in `to` means nothing.
    fn process(&mut self, from: &[Vec<f32>], to: &mut [Vec<f32>]) {
        let (frames_in, frames_out) = (from[0].len(), to[0].len());
        let is_silent = from[0].iter().all(|&sample| sample == 0.0);
        let rests = is_silent && self.silent_frames >= Self::MEMORY_FRAMES && frames_in <= self.cleared_frames;
        if rests {
            to[0].fill(0.0);
        } else if is_silent {
            self.silent_frames = self.silent_frames.saturating_add(frames_in);
            self.cleared_frames = self.cleared_frames.max(frames_in);
        } else {
            (self.silent_frames, self.cleared_frames) = (0, 0);
        }
        let from = SequentialSliceOfVecs::new(from, 1, frames_in).expect("one channel of the length given");
        let mut to = SequentialSliceOfVecs::new_mut(to, 1, frames_out).expect("one channel of the length given");
        let indexing = rests.then_some(&self.at_rest);
        self.inner
            .process_into_buffer(&from, &mut to, indexing)
            .expect("both sides have the sizes that rubato asked for");
    }

    fn reset(&mut self) {
        self.inner.reset();
        (self.silent_frames, self.cleared_frames) = Self::NEVER_HEARD;
    }
}

/// Collects one channel of host frames into hops at the model's rate. Allocates in `new` only.
pub struct HopIn {
    pending: Vec<Vec<f32>>,
    hop: Vec<Vec<f32>>,
    resampler: Option<Sinc>,
}

impl HopIn {
    /// `ratio` is host rate over model rate; `needed` as told by [`is_needed`].
    pub fn new(ratio: f64, hop_frames: usize, needed: bool) -> Self {
        let resampler = needed.then(|| Sinc::new(1.0 / ratio, hop_frames, FixedAsync::Output));
        let room = resampler.as_ref().map_or(hop_frames, |r| r.most_frames().0) + 1;
        Self { pending: vec![Vec::with_capacity(room)], hop: vec![vec![0.0; hop_frames]], resampler }
    }

    /// Host frames missing until the next hop is complete; at least 1.
    pub fn missing_frames(&self) -> usize {
        let wanted = self.resampler.as_ref().map_or(self.hop[0].len(), |r| r.next_frames().0);
        wanted - self.pending[0].len()
    }

    /// Appends frames, at most [`Self::missing_frames`]; true when [`Self::hop`] is complete.
    pub fn push(&mut self, frames: &[f32]) -> bool {
        debug_assert!(frames.len() <= self.missing_frames());
        self.pending[0].extend_from_slice(frames);
        if self.missing_frames() > 0 {
            return false;
        }
        match &mut self.resampler {
            None => self.hop[0].copy_from_slice(&self.pending[0]),
            Some(resampler) => resampler.process(&self.pending, &mut self.hop),
        }
        self.pending[0].clear();
        true
    }

    /// The last complete hop, `[hop_frames]` at the model's rate.
    pub fn hop(&self) -> &[f32] {
        &self.hop[0]
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.pending[0].clear();
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
        }
    }
}

/// Frames that [`whole`] makes at once.
const PIECE_FRAMES: usize = 1024;

/// A whole sound at another rate, Hz: in time with what it was to half a frame, and as long. Allocates, blocks.
pub fn whole(sound: &[f32], rate_hz: f64, to_hz: f64) -> Vec<f32> {
    if !is_needed(rate_hz, to_hz) {
        return sound.to_vec();
    }
    let ratio = to_hz / rate_hz;
    let frames = (sound.len() as f64 * ratio).round() as usize;
    let late = (delay_frames(ratio) * ratio).round() as usize;
    let mut way_in = HopIn::new(1.0 / ratio, PIECE_FRAMES, true);
    let (mut made, mut rest) = (Vec::with_capacity(late + frames + PIECE_FRAMES), sound);
    while made.len() < late + frames {
        // Silence follows, until the last of the sound has come out.
        let mut piece = vec![0.0; way_in.missing_frames()];
        let (now, later) = rest.split_at(piece.len().min(rest.len()));
        piece[..now.len()].copy_from_slice(now);
        way_in.push(&piece);
        made.extend_from_slice(way_in.hop());
        rest = later;
    }
    made.drain(..late);
    made.truncate(frames);
    made
}

/// Turns hops at the model's rate into host frames. Allocates in `new` only.
pub struct HopOut {
    out: Vec<Vec<f32>>,
    hop: Vec<Vec<f32>>,
    resampler: Option<Sinc>,
}

impl HopOut {
    /// `ratio` is host rate over model rate; `needed` as told by [`is_needed`].
    pub fn new(ratio: f64, hop_frames: usize, needed: bool) -> Self {
        let resampler = needed.then(|| Sinc::new(ratio, hop_frames, FixedAsync::Input));
        let room = resampler.as_ref().map_or(hop_frames, |r| r.most_frames().1);
        Self { out: vec![vec![0.0; room]], hop: vec![vec![0.0; hop_frames]], resampler }
    }

    /// Takes one hop and returns the host frames that it completes.
    pub fn push(&mut self, hop: &[f32]) -> &[f32] {
        match &mut self.resampler {
            None => {
                self.out[0].copy_from_slice(hop);
                &self.out[0]
            }
            Some(resampler) => {
                self.hop[0].copy_from_slice(hop);
                let frames = resampler.next_frames().1;
                resampler.process(&self.hop, &mut self.out);
                &self.out[0][..frames]
            }
        }
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        if let Some(resampler) = &mut self.resampler {
            resampler.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES_HZ: [f64; 7] = [22_050.0, 32_000.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];
    const MODEL_HZ: f64 = 44_100.0;
    const HOP: usize = 512;

    /// Fits a sine of `hz` to `samples` (at `rate_hz`) and returns its delay in samples, within half a period.
    fn sine_delay(samples: &[f32], hz: f64, rate_hz: f64) -> f64 {
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (n, &s) in samples.iter().enumerate().skip(samples.len() / 2) {
            let phase = std::f64::consts::TAU * hz * n as f64 / rate_hz;
            sine += f64::from(s) * phase.sin();
            cosine += f64::from(s) * phase.cos();
        }
        (-cosine).atan2(sine) / (std::f64::consts::TAU * hz) * rate_hz
    }

    fn sine(hz: f64, rate_hz: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (std::f64::consts::TAU * hz * n as f64 / rate_hz).sin() as f32).collect()
    }

    #[test]
    fn frames_taken_and_given_stay_within_the_margins() {
        for rate_hz in RATES_HZ {
            let ratio = rate_hz / MODEL_HZ;
            let needed = is_needed(rate_hz, MODEL_HZ);
            let (mut inward, mut outward) = (HopIn::new(ratio, HOP, needed), HopOut::new(ratio, HOP, needed));
            let (mut taken, mut given) = (0usize, 0usize);
            for hops in 1..2000 {
                let frames = inward.missing_frames();
                taken += frames;
                assert!(inward.push(&vec![0.0; frames]));
                given += outward.push(&[0.0; HOP]).len();
                let exact = (hops * HOP) as f64 * ratio;
                if needed {
                    assert!(taken as f64 <= (exact + INPUT_MARGIN).ceil() + 1e-6, "{rate_hz}: {taken} after {hops}");
                    let least = ((hops * HOP) as f64 - OUTPUT_MARGIN) * ratio;
                    assert!(given as f64 >= least.floor() - 1e-6, "{rate_hz}: {given} after {hops}");
                } else {
                    assert_eq!((taken, given), (hops * HOP, hops * HOP));
                }
            }
        }
    }

    #[test]
    fn the_delay_is_what_is_said() {
        let hz = 300.0;
        for rate_hz in RATES_HZ.into_iter().filter(|&rate| is_needed(rate, MODEL_HZ)) {
            let ratio = rate_hz / MODEL_HZ;
            let source = sine(hz, rate_hz, (200.0 * HOP as f64 * ratio) as usize);
            let (mut inward, mut model) = (HopIn::new(ratio, HOP, true), Vec::new());
            let mut rest = &source[..];
            while rest.len() >= inward.missing_frames() {
                let (now, later) = rest.split_at(inward.missing_frames());
                assert!(inward.push(now));
                model.extend_from_slice(inward.hop());
                rest = later;
            }
            let delay = sine_delay(&model, hz, MODEL_HZ) * ratio;
            assert!((delay - delay_frames(1.0 / ratio)).abs() < 0.02, "in {rate_hz}: {delay}");

            let source = sine(hz, MODEL_HZ, 200 * HOP);
            let mut outward = HopOut::new(ratio, HOP, true);
            let host: Vec<f32> = source.chunks(HOP).flat_map(|hop| outward.push(hop).to_vec()).collect();
            let delay = sine_delay(&host, hz, rate_hz) / ratio;
            assert!((delay - delay_frames(ratio)).abs() < 0.02, "out {rate_hz}: {delay}");
        }
    }

    #[test]
    fn a_whole_sound_stays_in_time_and_as_long() {
        for (rate_hz, to_hz) in [(48_000.0, MODEL_HZ), (96_000.0, MODEL_HZ), (MODEL_HZ, 22_050.0), (MODEL_HZ, 48_000.0)]
        {
            let made = whole(&sine(300.0, rate_hz, rate_hz as usize / 2), rate_hz, to_hz);
            let wanted = sine(300.0, to_hz, to_hz as usize / 2);
            assert_eq!(made.len(), wanted.len(), "{rate_hz} to {to_hz}");
            // Half a frame is some 2 per cent of this sine; at its ends the silence around it is heard.
            let inner = 200..wanted.len() - 200;
            let differs = inner.clone().find(|&n| (made[n] - wanted[n]).abs() > 0.05);
            assert_eq!(differs, None, "{rate_hz} to {to_hz}");
        }
        assert_eq!(whole(&[0.5; 10], 44_100.0, 44_100.0), [0.5; 10]);
        assert!(whole(&[], 48_000.0, 44_100.0).is_empty());
    }

    #[test]
    fn rest_in_silence_changes_nothing() {
        // From the engine's dice, so that the test fails alike everywhere.
        let mut noise = crate::dsp::noise::Noise::new(5);
        // At 8 kHz a hop takes fewer frames than the resampler remembers; at 44 100.3 Hz one in some 290 takes one more.
        for rate_hz in RATES_HZ.into_iter().chain([8_000.0, 44_100.3]).filter(|&rate| is_needed(rate, MODEL_HZ)) {
            let ratio = rate_hz / MODEL_HZ;
            // What never rests: the smallest sample keeps it awake, at -400 dB.
            let awake = |sample: f32| if sample == 0.0 { 1e-20 } else { sample };
            let (mut rests, mut plays) = (HopIn::new(ratio, HOP, true), HopIn::new(ratio, HOP, true));
            let (mut rests_out, mut plays_out) = (HopOut::new(ratio, HOP, true), HopOut::new(ratio, HOP, true));
            let mut rested = 0;
            for hop in 0..400 {
                let frames = rests.missing_frames();
                assert_eq!(frames, plays.missing_frames());
                let mut sound = vec![0.0; frames];
                // Bursts, some shorter than the resampler's memory and so near a hop's end that they stay in it.
                match hop % 20 {
                    0..3 => noise.fill(&mut sound),
                    9 => noise.fill(&mut sound[frames - 2..]),
                    _ => {}
                }
                assert!(rests.push(&sound));
                assert!(plays.push(&sound.iter().map(|&sample| awake(sample)).collect::<Vec<_>>()));
                rested += usize::from(rests.resampler.as_ref().is_some_and(|r| r.silent_frames >= Sinc::MEMORY_FRAMES));
                let hops = [rests.hop().to_vec(), plays.hop().to_vec()];
                let out = rests_out.push(&hops[0]).to_vec();
                let is_same =
                    |a: &[f32], b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
                assert!(is_same(&hops[0], &hops[1]), "in {rate_hz}: hop {hop}");
                assert!(
                    is_same(&out, plays_out.push(&hops[1].iter().map(|&s| awake(s)).collect::<Vec<_>>())),
                    "out {rate_hz}: {hop}"
                );
            }
            assert!(rested > 100, "{rate_hz}: {rested}");
        }
    }

    /// What of `samples` (second half) is left, over their level, when the sine of `hz` is taken out: in dB.
    fn rest_db(samples: &[f32], hz: f64, rate_hz: f64) -> f64 {
        let half = &samples[samples.len() / 2..];
        let wave = |n: usize| (std::f64::consts::TAU * hz * n as f64 / rate_hz).sin_cos();
        // The sine and the cosine are orthogonal over a whole number of periods: half a second of whole Hz.
        let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
        for (n, &s) in half.iter().enumerate() {
            let (a, b) = wave(n);
            sine += f64::from(s) * a;
            cosine += f64::from(s) * b;
            power += f64::from(s) * f64::from(s);
        }
        let (sine, cosine) = (2.0 * sine / half.len() as f64, 2.0 * cosine / half.len() as f64);
        let rest: f64 =
            half.iter().enumerate().map(|(n, &s)| (f64::from(s) - sine * wave(n).0 - cosine * wave(n).1).powi(2)).sum();
        10.0 * (rest / power).log10()
    }

    #[test]
    fn between_44_1_and_48_khz_a_tone_stays_pure() {
        for (from_hz, to_hz) in [(44_100.0, 48_000.0), (48_000.0, 44_100.0)] {
            let ratio = to_hz / from_hz;
            let mut outward = HopOut::new(ratio, HOP, true);
            let sound = sine(12_000.0, from_hz, 2 * from_hz as usize);
            let made: Vec<f32> = sound.chunks_exact(HOP).flat_map(|hop| outward.push(hop).to_vec()).collect();
            let rest = rest_db(&made[..to_hz as usize], 12_000.0, to_hz);
            // A line between 256 places leaves -114 dB.
            assert!(rest < -130.0, "{from_hz} to {to_hz}: {rest} dB");
        }
    }
}
