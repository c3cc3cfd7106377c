//! Where a hit begins in a recording, how loud it is made, and the very wave that it begins with.

/// It begins where the sound first comes above this share of its peak.
const ONSET_SHARE: f32 = 0.02;

/// And that many frames before.
const LEAD_FRAMES: usize = 16;

/// The peak of a hit.
const PEAK: f32 = 0.8;

/// The frames of a hit whose very wave is heard and made, beside its grains.
pub const ONSET_FRAMES: usize = 2048;

/// The first frame of the hit in a recording. None where it is silent; what is no number counts as silence.
#[must_use]
pub fn onset(recording: &[f32]) -> Option<usize> {
    let threshold = ONSET_SHARE * peak(recording)?;
    let first = recording.iter().position(|&sample| size(sample) > threshold)?;
    Some(first.saturating_sub(LEAD_FRAMES))
}

/// The hit of a recording, from its onset on, scaled to a peak of 0.8; empty where the recording is silent. Allocates.
#[must_use]
pub fn hit(recording: &[f32]) -> Vec<f32> {
    let (Some(first), Some(peak)) = (onset(recording), peak(recording)) else { return Vec::new() };
    let scaled = |&sample: &f32| if sample.is_finite() { sample / peak * PEAK } else { 0.0 };
    recording[first..].iter().map(scaled).collect()
}

/// The first [`ONSET_FRAMES`] of a hit, faded out over their second half; silence where it is shorter. Allocates.
#[must_use]
pub fn first_frames(hit: &[f32]) -> Vec<f32> {
    let mut wave = vec![0.0; ONSET_FRAMES];
    wave.iter_mut().zip(hit).for_each(|(frame, &sample)| *frame = sample);
    let (_, faded) = wave.split_at_mut(ONSET_FRAMES / 2);
    for (n, sample) in faded.iter_mut().enumerate() {
        let turns = n as f32 / ONSET_FRAMES as f32;
        *sample *= 0.5 + 0.5 * (std::f32::consts::TAU * turns).cos();
    }
    wave
}

fn peak(recording: &[f32]) -> Option<f32> {
    Some(recording.iter().fold(0.0, |peak: f32, &sample| peak.max(size(sample)))).filter(|&peak| peak > 0.0)
}

fn size(sample: f32) -> f32 {
    if sample.is_finite() { sample.abs() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_begins_shortly_before_it_is_heard_and_has_one_peak_for_all() {
        let mut recording = vec![0.001; 1000];
        recording[300] = 0.02;
        recording[400] = -0.5;
        assert_eq!(onset(&recording), Some(284));
        let hit = hit(&recording);
        assert_eq!((hit.len(), hit[116]), (716, -0.8));
        assert!((hit[16] - 0.032).abs() < 1e-6);
        assert_eq!(onset(&[0.0, 1.0]), Some(0));
    }

    #[test]
    fn the_first_wave_stays_for_half_of_it_and_then_fades() {
        let wave = first_frames(&[0.5; 3000]);
        assert_eq!((wave.len(), &wave[..513]), (ONSET_FRAMES, &[0.5; 513][..]));
        assert!(wave[1024..].is_sorted_by(|a, b| a >= b) && (wave[1536] - 0.25).abs() < 1e-6 && wave[2047] < 1e-5);
        assert_eq!(first_frames(&[0.5; 3])[..4], [0.5, 0.5, 0.5, 0.0]);
        assert_eq!(first_frames(&[]), [0.0; ONSET_FRAMES]);
    }

    #[test]
    fn a_recording_without_a_sound_has_no_hit() {
        for recording in [&[][..], &[0.0; 100], &[f32::NAN; 100], &[f32::INFINITY; 100]] {
            assert_eq!((onset(recording), hit(recording).len()), (None, 0));
        }
        let hit = hit(&[f32::NAN, 1e-45, f32::MAX, -f32::MAX]);
        assert!(hit.iter().all(|sample| sample.abs() <= PEAK) && !hit.is_empty());
    }
}
