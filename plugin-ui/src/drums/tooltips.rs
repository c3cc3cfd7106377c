//! What each of the drum machine's parameters does to what is heard, in one plain sentence for its tooltip.

use super::param;
use crate::ParamId;

/// What one hears when it is moved; empty for an id that the window does not know.
pub fn sentence(id: ParamId) -> &'static str {
    match id {
        param::LIMITER | param::OUTPUT_GAIN => crate::tooltips::sentence(id),
        param::SWING => "How late every second step comes: 50 % is straight, 66 % a triplet's lilt.",
        param::STEP => "How long a step is, in note values of the song's tempo.",
        param::PATTERN => "Which pattern is played, or the first one of a chain.",
        param::CHAIN => "How many patterns follow each other: a bar each, two with steps of 1/8.",
        param::RUN => "With Host: it plays while the song does. Always: it plays by itself.",
        param::EVOLVE => "How often the hits change by themselves; a locked track keeps its own.",
        param::EVOLVE_WHAT => "What changes then. Draw: another hit. Vary: another variation of it.",
        param::TAKE => "The number of all that is drawn: the same take sounds the same each time.",
        param::LISTEN => "The hits on the side-chain play the tracks.",
        param::SENSITIVITY => "How soft a hit on the side-chain may be and still be heard.",
        _ => param::of_track(id).map_or("", |(stem, _)| of_track(stem)),
    }
}

fn of_track(stem: &str) -> &'static str {
    match stem {
        "class" => "Which kind of drum the track plays.",
        "class_b" => "The kind of drum at the other end of the blend.",
        "blend" => "From the one kind of drum to the other, as one sound.",
        "draw" => "The number of the hit, out of all that this drum can be; 0 is the kit's own.",
        "path" => "Plays a straight line through grain space instead of a hit: a small phrase.",
        "variation" => "The number of the variation; 0 is none.",
        "vary" => "How far the variation strays from the hit.",
        "morph" => "From this hit to another one of the same drum.",
        "morph_draw" => "The number of the hit at the other end of the morph; 0 is the kit's own.",
        "pad_x" => "Moves the hit across among all hits of its drum.",
        "pad_y" => "Moves the hit up among all hits of its drum.",
        "tune" => "So many semitones above or below.",
        "decay" => "How long it rings; at the right end it is whole.",
        "reverse" => "Plays the hit backwards.",
        "level" => "How loud the track is.",
        "pan" => "Where between left and right it stands.",
        "choke" => "Tracks of the same number cut each other off, as a closed hi-hat does an open one.",
        "lock" => "Keeps its hit when all others are drawn, varied or evolve.",
        "mute" => "Silences the track.",
        "solo" => "Only tracks with solo are heard.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_says_what_one_hears() {
        for id in param::all() {
            let said = sentence(id);
            assert!(said.ends_with('.') && said.len() < 120, "{id:?}: {said}");
        }
    }
}
