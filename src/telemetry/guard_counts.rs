//! What was held back at the input and the output, counted and in words.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::dsp::sample_guard::SampleGuard;

/// [`SampleGuard`], shared. Each side adds what it has held since it last did.
#[derive(Default)]
pub struct GuardCounts {
    not_numbers: AtomicU64,
    absurd: AtomicU64,
    rounded: AtomicU64,
}

impl GuardCounts {
    /// Adds what was held, and forgets it there. Wait-free.
    pub fn add(&self, held: &mut SampleGuard) {
        for (count, more) in [
            (&self.not_numbers, &mut held.not_numbers),
            (&self.absurd, &mut held.absurd),
            (&self.rounded, &mut held.rounded),
        ] {
            if *more > 0 {
                count.fetch_add(std::mem::take(more), Ordering::Relaxed);
            }
        }
    }

    /// Since the sound started. Wait-free.
    pub fn read(&self) -> SampleGuard {
        SampleGuard {
            not_numbers: self.not_numbers.load(Ordering::Relaxed),
            absurd: self.absurd.load(Ordering::Relaxed),
            rounded: self.rounded.load(Ordering::Relaxed),
        }
    }

    /// The sound starts. Wait-free.
    pub fn reset(&self) {
        for count in [&self.not_numbers, &self.absurd, &self.rounded] {
            count.store(0, Ordering::Relaxed);
        }
    }
}

impl SampleGuard {
    /// What happened and what to do; `None` while nothing did. Allocates.
    pub fn sentence(&self) -> Option<String> {
        let samples = |count: u64| if count == 1 { "1 sample".to_owned() } else { format!("{count} samples") };
        let mut parts = Vec::new();
        if self.not_numbers > 0 {
            parts.push(format!(
                "{} that came in were no numbers and are silence: look for a broken plugin before this one.",
                samples(self.not_numbers)
            ));
        }
        if self.absurd > 0 {
            parts.push(format!("{} beyond +36 dB were held there: turn down what comes in.", samples(self.absurd)));
        }
        if self.rounded > 0 {
            parts.push(format!(
                "{} were louder than a model's sound can be, and rounded off: turn its loudness down.",
                samples(self.rounded)
            ));
        }
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_held_is_told_with_its_count_and_what_to_do_until_the_sound_starts_again() {
        let counts = GuardCounts::default();
        assert_eq!(counts.read().sentence(), None);
        let mut held = SampleGuard { not_numbers: 1, absurd: 20, rounded: 0 };
        counts.add(&mut held);
        assert_eq!(held, SampleGuard::default());
        counts.add(&mut SampleGuard { rounded: 3, ..held });
        let told = counts.read().sentence().unwrap();
        for words in ["1 sample that", "no numbers", "20 samples beyond +36 dB", "3 samples were louder than"] {
            assert!(told.contains(words), "“{words}” is not in: {told}");
        }
        counts.reset();
        assert_eq!(counts.read().sentence(), None);
    }
}
