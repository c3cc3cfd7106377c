//! Automation: on its frame, and heard there.

use super::*;

#[test]
fn automation_is_heard_where_it_is_drawn() {
    let input = vec![glide(SOUND_FRAMES); 2];
    let at = 30_011;
    for (name, text, earliest, latest) in [
        // A hop is 557 host frames long and takes one value; the model's filters reach a little to both sides.
        ("Bias 1", "2.5 sd", -1200, 1200),
        ("Mix", "0 %", 0, 8),
        ("Output Gain", "-20 dB", 0, 8),
        ("Bypass", "On", 0, 8),
    ] {
        for block in [64, LARGEST] {
            let (id, value) = reading(&mut offline(EFFECT), name, text);
            let (latency, plain) = bounce(block, &input, &[]);
            let (_, changed) = bounce(block, &input, &[Event::value(at, id, value)]);
            let parting = first_difference(&plain[0], &changed[0]).expect("the change is not heard");
            let lateness = parting as i64 - (at + latency) as i64;
            println!("{name}, largest block {block}: heard {lateness} frames from where it is drawn");
            assert!(
                (earliest..=latest).contains(&lateness),
                "{name}, largest block {block}: heard {lateness} frames from where it is drawn (latency {latency})"
            );
        }
    }
}
