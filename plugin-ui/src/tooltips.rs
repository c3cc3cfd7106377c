//! What each of the effect's parameters does to what is heard, in one plain sentence for the tooltip of its control.

use crate::{ParamBackend, ParamId, param};

/// What a parameter is called in the window, where the host's name is not said plainly enough.
pub fn name(id: ParamId, params: &dyn ParamBackend) -> String {
    match id {
        param::AMOUNT => "Timbre".to_owned(),
        param::RANDOM_AMOUNT => "Drift depth".to_owned(),
        param::RANDOM_RATE => "Drift rate".to_owned(),
        param::RANDOM_TAKE => "Drift roll".to_owned(),
        _ => params.name(id),
    }
}

/// Of the macros, in their order.
const MACROS: [&str; param::MACRO_COUNT] = [
    "To the right the sound gets brighter, to the left darker.",
    "To the right more noise in the tone, breath or bow; to the left a cleaner tone.",
    "To the right the note itself carries the sound, to the left its overtones do.",
    "To the right odd overtones, as in a clarinet; to the left the even ones fill it up.",
    "To the right the middle comes forward, as through the nose; to the left it opens.",
    "To the right more of the low middle; to the left less.",
    "To the right more of the deepest octaves; to the left less.",
    "To the right more of the very top; to the left it closes.",
];

/// What one hears when it is moved; empty for an id that the window does not know.
pub fn sentence(id: ParamId) -> &'static str {
    match id {
        param::MIX => "How much of the model is heard, and how much of your own sound.",
        param::INPUT_GAIN => "How loud your sound goes into the model; the dry sound stays as it is.",
        param::OUTPUT_GAIN => "How loud all that comes out is.",
        param::WET_GAIN => "How loud the model's sound is in the mix; your own stays as it is.",
        param::LIMITER => {
            "Rounds peaks off so that nothing comes out louder than -1 dB; what is softer than -7 dB stays as it is."
        }
        param::BYPASS => "Only your own sound, as late as the model would be.",
        param::TRANSPOSE => "Sounds so many semitones above or below what you play.",
        param::OCTAVE => {
            "Fit: your sound is moved by whole octaves to where the model is at home; it changes only in rests."
        }
        param::INTONATION => "Draws each note to the nearest one of the scale: 0 % as you play it, 100 % in tune.",
        param::INTONATION_TIME => {
            "How long a note takes to come in tune: longer keeps vibrato and slides, 0 makes hard steps."
        }
        param::INTONATION_SCALE => {
            "The notes that your pitch may be drawn to. Held Notes: the MIDI keys that you hold, in every octave."
        }
        param::INTONATION_KEY => "The note on which the scale begins.",
        param::CONSONANTS => {
            "Lets your own s, t and f through where the model would make a noise of them: words stay clear."
        }
        param::AMOUNT => "From one even, neutral timbre to all the colours that your playing calls up.",
        param::STABILITY => {
            "Calms sounds that the model does not know: fewer jumps of colour and octave, attacks still pass."
        }
        param::SMOOTHING => "The colour glides instead of following at once; pitch and loudness stay quick.",
        param::FREEZE => "Holds the colour of this moment; pitch and loudness go on.",
        param::RANDOM_AMOUNT => "How far the colour drifts by itself.",
        param::RANDOM_RATE => "How often the drift turns another way.",
        param::RANDOM_TAKE => {
            "The number of the drift: the same roll drifts the same way each time the song plays, another one otherwise."
        }
        param::LOUDNESS_MODE => "Follow: the model plays as loud as you do. Manual: at the level set beside it.",
        param::LOUDNESS_RANGE => "Makes loud louder and soft softer, or brings both together.",
        param::LOUDNESS_OFFSET => "The model plays so much louder or softer than you: it changes its tone too.",
        param::GATE => {
            "What is softer than this fades out: breath, hum, the room between your notes. At its lowest it is off."
        }
        param::LOUDNESS_LEVEL => "How loud the model plays while nothing is followed; it changes its tone too.",
        param::BLEND => "From the first model's sound to the second one's.",
        param::SECOND_SOURCE => "Whether the second model listens to you or plays the colours of the first one.",
        param::SIDE_LATENT => "How much of the colour comes from the side-chain instead of from you.",
        param::SIDE_PITCH => "How much of the pitch comes from the side-chain instead of from you.",
        param::SIDE_LOUDNESS => "How much of the loudness comes from the side-chain instead of from you.",
        param::FEEDBACK_AMOUNT => "How much of the model's sound goes into it again; above 100 % it sings by itself.",
        param::FEEDBACK_FREQUENCY => "The pitch around which the feedback sings.",
        param::FEEDBACK_Q => "High: the feedback sings on one note. Low: on many.",
        param::FEEDBACK_DELAY => "How long the sound waits before it goes into the model again, like an echo.",
        param::FEEDBACK_SYNC => "The echo of the feedback in note values of the song's tempo.",
        param::CHANNELS => {
            "What the model hears of a stereo track: its middle, or each side by itself at twice the load."
        }
        param::WIDTH => "How wide the model's sound is on a stereo track.",
        param::LATENCY => {
            "Low reacts fastest, Safe forgives a busy computer; it takes effect when the host restarts the plugin."
        }
        param::LOUDNESS_TARGET => "What your loudness moves: a macro or a dimension.",
        param::PITCH_TARGET => "What your pitch moves: a macro or a dimension.",
        param::LOUDNESS_DEPTH => "How far louder moves it; to the left the other way.",
        param::LOUDNESS_TIME => "How long your loudness takes to arrive: short follows each note, long whole phrases.",
        param::PITCH_DEPTH => "How far an octave up moves it; to the left the other way.",
        param::PATH_MODE => "Replace: the path's colours in the place of yours. Add: on top of them. Off: none.",
        param::PATH_AMOUNT => "How much of the path is heard.",
        param::PATH_SLOT => "Which of the eight paths is played.",
        param::PATH_MORPH_SLOT => "The path at the other end of the morph.",
        param::PATH_MORPH => "From the path that is played to the other one.",
        param::PATH_PLAY => "What moves along the path: time, the song, Position by hand, or a note that is held.",
        param::PATH_LENGTH => "How long one pass is while the song moves along the path, in notes or bars.",
        param::PATH_RATE => "How fast the path is played; 100 % is as it was recorded, or as its length says.",
        param::PATH_END => "At its end the path begins again, goes back and forth, or is over.",
        param::PATH_POSITION => "Where in the path the sound is while Play is at Position.",
        param::PATH_START => "Where in the path it begins.",
        param::PATH_LATENT => "Whose colours are heard: the path's, or those of your playing.",
        param::PATH_LOUDNESS => "Who says how loud it is: you, or the path, which then sounds by itself.",
        param::PATH_PITCH => "Who says the pitch: you, or the path.",
        param::PLANE => "Plays what lies around a place on the plane: by lines, by discs, or by markers anywhere.",
        param::PLANE_X => "The place on the plane, from the left.",
        param::PLANE_Y => "The place on the plane, from below.",
        param::PLANE_WALK => "Plays the walk that you recorded: it moves the place.",
        param::PLANE_MPE => "A held note's slide and pressure move the place: slide across, pressure up.",
        _ if let Some(at) = param::MACRO.iter().position(|&each| each == id) => MACROS[at],
        _ if param::LFO_TARGET.contains(&id) => "What swings: a macro or a dimension.",
        _ if param::LFO_DEPTH.contains(&id) => "How far it swings to each side of where its own control stands.",
        _ if param::LFO_SHAPE.contains(&id) => "How it swings; Steps takes another value by chance each turn.",
        _ if param::LFO_RATE.contains(&id) => "How often it swings.",
        _ if param::LFO_SYNC.contains(&id) => "How long a turn is in the song's tempo; Free takes the rate.",
        _ if param::BIAS.contains(&id) => "Moves the colour along this dimension, wherever your playing puts it.",
        _ if param::SCALE.contains(&id) => {
            "Exaggerates what your playing does in this dimension, or holds it still at 0."
        }
        _ if param::LOCK.contains(&id) => "Holds this dimension where it is.",
        _ if param::SOLO.contains(&id) => "Only dimensions with solo follow the sound.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn every_parameter_says_what_one_hears() {
        let effects = param::all().map(|id| (id, sentence(id)));
        let codes = codes::param::all().map(|id| (id, codes::tooltips::sentence(id)));
        for (id, said) in effects.chain(codes) {
            assert!(said.ends_with('.') && said.len() < 120, "{id:?}: {said}");
        }
    }
}
