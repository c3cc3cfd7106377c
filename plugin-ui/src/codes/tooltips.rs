//! What each of the instrument's parameters does to what is heard, in one plain sentence for its tooltip.

use super::param;
use crate::ParamId;

/// What one hears when it is moved; empty for an id that the window does not know.
pub fn sentence(id: ParamId) -> &'static str {
    match id {
        param::LIMITER | param::OUTPUT_GAIN | param::TRANSPOSE => crate::tooltips::sentence(id),
        param::CHOICE => "Nearest: the code that comes nearest to the targets. Path: one near the last code too.",
        param::SMOOTHNESS => "How much a jump to another timbre costs: high glides, low follows the targets.",
        param::PITCH_MODE => "In Tune: the keys' pitch. Raw Codes: every code at the pitch it was learnt at.",
        param::TUNING => "The frequency of the A above middle C.",
        param::BEND_RANGE => "How far the pitch wheel reaches, up and down.",
        param::MPE => "Each channel is one note's own, as MPE keyboards send it; channel 1 is for all notes.",
        param::MPE_BEND_RANGE => "How far a note's own bend reaches, as the MPE keyboard is set.",
        param::GLIDE => "How long the pitch takes from the last note to the next.",
        param::ATTACK => "How long a note takes to its full level.",
        param::DECAY => "How long it takes from there to the level at which it is held.",
        param::SUSTAIN => "How loud a note stays while its key is down.",
        param::RELEASE => "How long a note fades once its key is up.",
        param::VELOCITY_RANGE => "How much softer the softest keystroke is than the hardest.",
        param::PRESSURE_RANGE => "How much louder full pressure makes a note.",
        param::LFO_SHAPE => "The movement that the targets' LFO knobs add.",
        param::LFO_SYNC => "A cycle of the LFO in note values of the song's tempo; Free: by its rate.",
        param::LFO_RATE => "How often the LFO comes round by itself.",
        param::CURVE_SYNC => "Once through the drawn curve in note values of the song's tempo; Free: by its rate.",
        param::CURVE_RATE => "How often the drawn curve comes round by itself.",
        param::TAKE => "The number of the noise and of random movement: the same take sounds the same each time.",
        _ => of_target(id),
    }
}

fn of_target(id: ParamId) -> &'static str {
    let sentences = [
        (param::DESCRIPTOR, "Which property of the timbre this target leads."),
        (param::WEIGHT, "How much this target counts beside the others; at 0 it is off."),
        (param::BASE, "Where in the codes' range the target rests: 0 % the lowest, 100 % the highest."),
        (param::FROM_VELOCITY, "How far a hard keystroke moves the target."),
        (param::FROM_WHEEL, "How far the modulation wheel moves the target."),
        (param::FROM_SLIDE, "How far the finger's slide along the key moves the target."),
        (param::FROM_PRESSURE, "How far pressure moves the target."),
        (param::FROM_KEY, "How far high and low keys move the target, from middle C on."),
        (param::FROM_ENVELOPE, "How far the note's own envelope moves the target."),
        (param::FROM_LFO, "How far the LFO swings the target."),
        (param::FROM_CURVE, "How far the drawn curve moves the target."),
        (param::FROM_SIDE, "How far the target follows the same property of the side-chain's sound."),
    ];
    sentences.iter().find(|(ids, _)| ids.contains(&id)).map_or("", |(_, sentence)| sentence)
}
