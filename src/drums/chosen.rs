//! The pattern that a key has chosen.

#![deny(clippy::disallowed_types, clippy::disallowed_methods, clippy::disallowed_macros)]

/// The last key that was pressed counts, at once, until the parameter moves or the song stops: both say what is meant from
/// then on. So a bounce from where the key lies plays what was heard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chosen {
    /// The pattern, and the parameter's when it was chosen.
    by_key: Option<(usize, usize)>,
    was_playing: bool,
}

impl Chosen {
    /// A key chooses a pattern, from 0, while the parameter is at another or the same.
    pub fn press(&mut self, pattern: usize, parameter: usize) {
        self.by_key = Some((pattern, parameter));
    }

    /// The song plays, or does not.
    pub fn note_song(&mut self, is_playing: bool) {
        if self.was_playing && !is_playing {
            self.by_key = None;
        }
        self.was_playing = is_playing;
    }

    /// What is played while the parameter is at `parameter`.
    pub fn pattern(&mut self, parameter: usize) -> usize {
        self.by_key = self.by_key.filter(|(_, before)| *before == parameter);
        self.by_key.map_or(parameter, |(pattern, _)| pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_key_counts_until_the_parameter_moves_or_the_song_stops() {
        let mut chosen = Chosen::default();
        assert_eq!(chosen.pattern(2), 2);
        chosen.press(5, 2);
        chosen.press(6, 2);
        assert_eq!((chosen.pattern(2), chosen.pattern(3), chosen.pattern(2)), (6, 3, 2));
        chosen.press(5, 2);
        chosen.note_song(true);
        assert_eq!(chosen.pattern(2), 5, "it was chosen while the song stood still");
        chosen.note_song(false);
        assert_eq!(chosen.pattern(2), 2);
    }
}
