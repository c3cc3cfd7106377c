//! What an overloaded worker cost, in words.

use std::sync::atomic::Ordering;

use super::{Standing, Telemetry};

/// From this share of real time on the model itself is what is too slow. Below, something else held it up: the worker
/// needs some of its time for sleep and for the rings.
const TOO_MUCH: f32 = 0.9;

/// Dropouts since the sound started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dropouts {
    /// Stretches of sound that came too late.
    pub times: u64,
    /// What was lost in them altogether, seconds.
    pub lost_s: f32,
    /// Hops that were not played since nobody would have heard them.
    pub skipped_hops: u64,
    /// Share of real time that the worker needs.
    pub load: f32,
    /// Whether the system refused the worker a priority near the audio thread's.
    pub is_refused: bool,
}

impl Telemetry {
    /// Dropouts since the sound started. Wait-free.
    pub fn dropouts(&self) -> Dropouts {
        let rate_hz = self.host_rate_hz.load().max(1.0);
        Dropouts {
            times: self.underruns.load(Ordering::Relaxed),
            lost_s: self.lost_frames.load(Ordering::Relaxed) as f32 / rate_hz,
            skipped_hops: self.skipped_hops.load(Ordering::Relaxed),
            load: self.load(),
            is_refused: self.standing.load() == Standing::Refused,
        }
    }
}

impl Dropouts {
    /// What happened and what to do; `None` while nothing did. Allocates.
    pub fn sentence(&self) -> Option<String> {
        let times = match self.times {
            0 => return None,
            1 => "once".to_owned(),
            count => format!("{count} times"),
        };
        let lost = if self.lost_s < 1.0 {
            format!("{:.0} ms", (self.lost_s * 1e3).max(1.0))
        } else {
            format!("{:.1} s", self.lost_s)
        };
        let load = format!("{:.0} %", self.load * 100.0);
        let what =
            format!("The model was too late {times}: {lost} of its sound dropped out, what follows is in its place. ");
        Some(if self.load >= TOO_MUCH {
            what + &format!(
                "It needs {load} of the time there is: choose a lighter model, set Channels to Mid or Blend to an end, or \
                 bounce the track, which is complete where the host tells plugins that it bounces."
            )
        } else if self.is_refused {
            what + &format!(
                "It needs {load} of the time there is, so other programs held it up, and the system refuses it real-time \
                 priority: allow it (on Linux \u{201c}rtprio\u{201d} in /etc/security/limits.conf), close other heavy programs, or \
                 set Latency to Safe."
            )
        } else {
            what + &format!(
                "It needs {load} of the time there is, so something else held it up: close other heavy programs and \
                 plugins, set Latency to Safe, or choose a larger buffer in the host."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropout_is_told_with_its_length_its_cause_and_what_to_do() {
        assert_eq!(Dropouts::default().sentence(), None);
        let once = Dropouts { times: 1, lost_s: 0.5123, skipped_hops: 40, load: 0.12, is_refused: false };
        assert_eq!(
            once.sentence().expect("there is one"),
            "The model was too late once: 512 ms of its sound dropped out, what follows is in its place. It needs 12 % \
             of the time there is, so something else held it up: close other heavy programs and plugins, set Latency to \
             Safe, or choose a larger buffer in the host."
        );
        let refused = Dropouts { is_refused: true, ..once }.sentence().expect("there is one");
        assert!(refused.contains("the system refuses it real-time priority"), "{refused}");
        let often = Dropouts { times: 431, lost_s: 9.06, skipped_hops: 700, load: 1.5, is_refused: true }
            .sentence()
            .expect("there is one");
        for words in ["431 times: 9.1 s", "150 % of the time", "lighter model", "bounce", "where the host tells"] {
            assert!(often.contains(words), "“{words}” is not in: {often}");
        }
    }
}
