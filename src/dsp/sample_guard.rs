//! What is let in and out, whatever the host, the musician or a model gives: numbers, and none that is absurd.
//!
//! Each sample passes here once on its way in and once on its way out; what a musician works with is not changed by a bit.

/// No sound is louder at the input or the output: +36 dBFS, linear. Beyond it a sample is held.
pub const LOUDEST: f32 = 64.0;

/// Where a model's sound is rounded off, linear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftClip {
    /// From here on.
    knee: f32,
    /// And it never reaches more.
    pub ceiling: f32,
}

impl SoftClip {
    /// One model: from +14 dBFS on, below +18. At default settings a full-scale input made at most +12; a model that was
    /// driven out of its range reached +28.
    pub const EFFECT: Self = Self { knee: 5.0, ceiling: 8.0 };

    /// Eight voices at once: from +18 dBFS on, below +24. All at full velocity reach +7.
    pub const VOICES: Self = Self { knee: 8.0, ceiling: 16.0 };
}

/// A model that gives more is broken, +80 dBFS, linear (of the latent, standard deviations).
pub const ABSURD: f32 = 1e4;

/// What was done, in samples. The guards are wait-free and do not allocate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SampleGuard {
    /// Of the input, NaN or infinite: silence in their place.
    pub not_numbers: u64,
    /// Of input or output, beyond [`LOUDEST`]: held there.
    pub absurd: u64,
    /// Of a model's sound, beyond what any should be: rounded off.
    pub rounded: u64,
}

impl SampleGuard {
    /// A sample as it is let in: a number, at most [`LOUDEST`], and not so small that arithmetic slows down.
    #[inline]
    pub fn guard_input(&mut self, sample: f32) -> f32 {
        if sample.is_finite() {
            return self.bound(sample);
        }
        self.not_numbers += 1;
        0.0
    }

    /// A sample as it is let out: a number (of one that is none, silence), at most [`LOUDEST`], not subnormal.
    #[inline]
    pub fn guard_output(&mut self, sample: f32) -> f32 {
        if sample.is_nan() {
            self.absurd += 1;
            return 0.0;
        }
        self.bound(sample)
    }

    #[inline]
    fn bound(&mut self, sample: f32) -> f32 {
        let size = sample.abs();
        if size < f32::MIN_POSITIVE {
            return 0.0f32.copysign(sample);
        }
        if size <= LOUDEST {
            return sample;
        }
        self.absurd += 1;
        LOUDEST.copysign(sample)
    }

    /// A sample of what a model has made, at the host's rate: below the ceiling.
    #[inline]
    pub fn soft_clip(&mut self, sample: f32, SoftClip { knee, ceiling }: SoftClip) -> f32 {
        let size = sample.abs();
        if size <= knee {
            return if size < f32::MIN_POSITIVE { 0.0f32.copysign(sample) } else { sample };
        }
        self.rounded += 1;
        if sample.is_nan() {
            return 0.0;
        }
        let room = ceiling - knee;
        (knee + room * ((size - knee) / room).tanh()).copysign(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_musician_works_with_is_not_changed_by_a_bit_nor_counted() {
        let mut held = SampleGuard::default();
        for n in 0..100_000 {
            let sample = (n as f32 * 0.37).sin() * 1.999;
            assert_eq!(
                (held.guard_input(sample), held.guard_output(sample), held.soft_clip(sample, SoftClip::EFFECT)),
                (sample, sample, sample)
            );
        }
        assert!(held.guard_input(-0.0).is_sign_negative() && held.guard_output(-0.0).is_sign_negative());
        assert_eq!(held.soft_clip(7.9, SoftClip::VOICES), 7.9);
        assert_eq!(
            (held.guard_input(-63.9), held.guard_output(63.9), held.guard_input(f32::MIN_POSITIVE)),
            (-63.9, 63.9, f32::MIN_POSITIVE)
        );
        assert_eq!(held, SampleGuard::default());
    }

    #[test]
    fn whatever_comes_is_finite_bounded_and_counted() {
        for bits in (0..=u32::MAX).step_by(65_521).chain([f32::INFINITY.to_bits(), f32::NAN.to_bits(), 1]) {
            let sample = f32::from_bits(bits);
            let mut held = SampleGuard::default();
            let (heard, said, rounded) =
                (held.guard_input(sample), held.guard_output(sample), held.soft_clip(sample, SoftClip::EFFECT));
            assert!(
                heard.abs() <= LOUDEST && said.abs() <= LOUDEST && rounded.abs() <= SoftClip::EFFECT.ceiling,
                "{sample}"
            );
            assert!([heard, said, rounded].iter().all(|value| !value.is_subnormal()), "{sample}");
            let is_changed = heard != sample || said != sample || rounded != sample;
            assert!(held != SampleGuard::default() || !is_changed || sample.is_subnormal(), "{sample} is not counted");
            assert!(
                held == SampleGuard::default() || sample.is_nan() || sample.abs() > SoftClip::EFFECT.knee,
                "{sample}"
            );
        }
        let mut held = SampleGuard::default();
        assert_eq!(
            (held.guard_input(f32::NAN), held.guard_input(f32::INFINITY), held.guard_input(1e30)),
            (0.0, 0.0, LOUDEST)
        );
        assert_eq!(held, SampleGuard { not_numbers: 2, absurd: 1, rounded: 0 });
    }

    #[test]
    fn rounding_off_bends_and_never_steps() {
        let mut held = SampleGuard::default();
        let mut before = 0.0;
        for n in 0..200_000 {
            let now = held.soft_clip(n as f32 * 1e-4, SoftClip::EFFECT);
            assert!(now >= before && now - before < 1.1e-4, "{n}");
            before = now;
        }
        assert!(before > 0.99 * SoftClip::EFFECT.ceiling);
    }
}
