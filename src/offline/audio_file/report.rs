//! What reading had to put up with, in words.

/// What a header says of the length of its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Promise {
    /// Nothing, as is usual for streams.
    #[default]
    None,
    /// That there is none: the recording was not finished.
    Unfinished,
    /// So many frames.
    Frames(u64),
}

/// What reading had to put up with; [`Self::is_sound`] for a sound file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadReport {
    /// Places where something was damaged or missing, each replaced by silence of the same length so that what follows
    /// keeps its time.
    pub damaged_places: u64,
    /// That silence, frames.
    pub silenced_frames: u64,
    /// Whether the file ended, or became unreadable, before its end.
    pub is_cut_short: bool,
    /// Further recordings that followed the first one in the same file, and were read as well.
    pub joined: u64,
    /// What the header says.
    pub promise: Promise,
    /// Frames that were read, silence included.
    pub frames: u64,
}

impl ReadReport {
    /// Whether there is nothing to tell.
    pub fn is_sound(&self) -> bool {
        self.remarks(44_100).is_empty()
    }

    /// One sentence for each thing that a listener should know; the file's name is not in it.
    pub fn remarks(&self, rate_hz: u32) -> Vec<String> {
        let seconds = |frames: u64| format!("{:.3} s", frames as f64 / f64::from(rate_hz.max(1)));
        let mut remarks = Vec::new();
        if self.damaged_places > 0 {
            let places =
                if self.damaged_places == 1 { "one place" } else { &format!("{} places", self.damaged_places) };
            remarks.push(format!(
                "it is damaged in {places}: silence of the same length, {} in all, was put there, and what follows keeps \
                 its time.",
                seconds(self.silenced_frames)
            ));
        }
        if self.joined > 0 {
            let all = self.joined + 1;
            remarks.push(format!("it holds {all} recordings, one behind the other: all of them were read."));
        }
        let missing = match self.promise {
            Promise::Frames(promised) => promised.saturating_sub(self.frames),
            _ => 0,
        };
        if self.is_cut_short && missing > 0 {
            remarks.push(format!(
                "it is cut short: its header promises {} more than the {} that are there.",
                seconds(missing),
                seconds(self.frames)
            ));
        } else if self.is_cut_short {
            remarks.push(format!("it is cut short, and ends after {}.", seconds(self.frames)));
        }
        match self.promise {
            Promise::Unfinished => remarks.push(format!(
                "it is a recording that was never finished (its header gives no length): all {} of it were read.",
                seconds(self.frames)
            )),
            Promise::Frames(promised) if self.joined == 0 && self.frames > promised => remarks.push(format!(
                "its header promises {}, but {} of sound are there: all of it was read.",
                seconds(promised),
                seconds(self.frames)
            )),
            _ => {}
        }
        remarks
    }
}
