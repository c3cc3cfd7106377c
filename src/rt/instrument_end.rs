//! What leaves an instrument: limited where that is asked for, kept within bounds, and measured for an open window.

use crate::dsp::limiter::Limiter;
use crate::dsp::lufs::LufsMeter;
use crate::dsp::sample_guard::{SampleGuard, SoftClip};
use crate::dsp::smooth::Smooth;
use crate::telemetry::Telemetry;

/// For `OUTS` outputs of a host's rate, each limited by itself. Everything but `new` is wait-free and does not allocate.
pub struct InstrumentEnd<const OUTS: usize> {
    limiters: [Limiter; OUTS],
    /// How much of them acts; `None` until the first frame, which has what is set.
    share: Option<Smooth>,
    lufs: LufsMeter,
    rate_hz: f64,
}

impl<const OUTS: usize> InstrumentEnd<OUTS> {
    /// For a host's rate, Hz.
    pub fn new(rate_hz: f64) -> Self {
        let limiter = Limiter::new(rate_hz);
        Self { limiters: [(); OUTS].map(|()| limiter.clone()), share: None, lufs: LufsMeter::new(rate_hz), rate_hz }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.limiters.iter_mut().for_each(Limiter::reset);
        self.share = None;
    }

    /// How much of the limiters acts in the next frame.
    pub fn share(&mut self, limits: bool) -> f32 {
        let target = if limits { 1.0 } else { 0.0 };
        self.share.get_or_insert_with(|| Smooth::new(target, self.rate_hz)).next(target)
    }

    /// One frame of an output, times a gain.
    pub fn finish<'a>(
        &mut self,
        out: usize,
        frame: impl Iterator<Item = &'a mut f32>,
        gain: f32,
        share: f32,
        held: &mut SampleGuard,
    ) {
        let mut samples = [0.0f32; 2];
        let mut channels = [None, None];
        for ((place, sample), channel) in channels.iter_mut().zip(&mut samples).zip(frame) {
            *sample = *channel * gain;
            *place = Some(channel);
        }
        let limit = self.limiters[out].next(samples[0].abs().max(samples[1].abs()), share);
        for (channel, sample) in channels.into_iter().flatten().zip(samples) {
            *channel = held.soft_clip(sample * limit, SoftClip::VOICES);
        }
    }

    /// Tells what has become of a block; the loudness of its main output only while a window is open.
    pub fn tell(&mut self, telemetry: &Telemetry, main: &[&mut [f32]]) {
        let least = self.limiters.iter_mut().map(Limiter::take_least).fold(1.0, f32::min);
        telemetry.note_limiter(least);
        if telemetry.sound.is_open() {
            let at = |channel: usize, frame: usize| main.get(channel).and_then(|channel| channel.get(frame));
            for frame in 0..main.first().map_or(0, |channel| channel.len()) {
                let samples = [0, 1].map(|channel| at(channel, frame).copied().unwrap_or(0.0));
                self.lufs.push(&samples[..main.len().min(2)]);
            }
        }
        telemetry.output_lufs.store(self.lufs.short_term());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::limiter::CEILING;

    const RATE_HZ: f64 = 48_000.0;

    /// Half a second of two outputs at 3 and at a quarter of full scale; -> their peaks.
    fn peaks(limits: bool) -> ([f32; 2], Telemetry) {
        let (mut end, mut held, telemetry) =
            (InstrumentEnd::<2>::new(RATE_HZ), SampleGuard::default(), Telemetry::default());
        let mut peaks = [0.0f32; 2];
        for n in 0..24_000 {
            let share = end.share(limits);
            for (out, level) in [3.0, 0.25].into_iter().enumerate() {
                let sine = 0.5 * level * (0.05 * n as f32).sin();
                let mut pair = [sine, -sine];
                end.finish(out, pair.iter_mut(), 2.0, share, &mut held);
                assert!(out == 0 || pair == [2.0 * sine, -2.0 * sine], "soft sound is not changed by a bit");
                peaks[out] = peaks[out].max(pair[0].abs()).max(pair[1].abs());
            }
        }
        end.tell(&telemetry, &[]);
        (peaks, telemetry)
    }

    #[test]
    fn each_output_is_limited_by_itself_and_only_where_it_is_asked_for() {
        let ([loud, soft], telemetry) = peaks(true);
        assert!(loud <= CEILING * 1.000_001 && (soft - 0.25).abs() < 1e-3, "{loud} {soft}");
        assert!(telemetry.limiter_gain.load() < 0.5);
        let ([loud, soft], telemetry) = peaks(false);
        assert!(loud > 2.9 && (soft - 0.25).abs() < 1e-3, "{loud} {soft}");
        assert_eq!(telemetry.limiter_gain.load(), 1.0);
    }
}
