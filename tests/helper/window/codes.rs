//! Timbreloom Codes: its window is opened, played with and closed in the real host.

use plugin_ui::codes::layout::Tab;
use test_host::Touch;

use super::alone::{play, play_until};
use super::server::Screen;
use super::{SIZE, places};
use crate::common::plugin::{CODES, activate, instance};

const KNOB: &str = "Target 1 Base";
const MAP: &str = "Map of the codes";

pub fn play_by_hand() {
    let screen = Screen::open(SIZE);
    let mut plugin = instance(CODES);
    activate(&mut plugin, 512);
    let base = plugin.param(KNOB).unwrap();
    assert_eq!(plugin.open_window(screen.window()).unwrap(), SIZE);
    play_until(&mut plugin, "a picture", |_| screen.is_painted());
    screen.keep("codes open");
    assert_eq!(play(&mut plugin, 0.1), 0.0, "nobody plays");

    let [knob, map] =
        [KNOB, MAP].map(|name| places::middle(places::in_codes(SIZE, Tab::Map, |found| found == name)[0]));
    plugin.take_touches();
    screen.move_to(knob);
    play(&mut plugin, 0.2);
    screen.press(true);
    play(&mut plugin, 0.2);
    for step in 1..=8 {
        screen.move_to([knob[0], knob[1] - step * 6]);
        play(&mut plugin, 0.08);
    }
    screen.press(false);
    play(&mut plugin, 0.3);
    let touches = plugin.take_touches();
    let last = match touches[..] {
        [Touch::Begin(first), .., Touch::Value(id, last), Touch::End(end)] if [first, id, end] == [base.id; 3] => last,
        _ => panic!("not a gesture of {KNOB}: {touches:?}"),
    };
    assert!((last - base.default).abs() > 0.02, "{KNOB} went from {} to {last}", base.default);
    assert!((plugin.value(base.id).unwrap() - last).abs() < 1e-6, "the parameter is where the hand left it");
    screen.keep("codes dragged");

    // A code sounds while the map is pressed.
    screen.move_to(map);
    play(&mut plugin, 0.2);
    screen.press(true);
    play_until(&mut plugin, "the code under the hand", |peak| peak > 0.01);
    screen.keep("codes played");
    // The window closes under the hand: nothing hangs.
    plugin.close_window();
    play_until(&mut plugin, "silence", |peak| peak == 0.0);
    screen.press(false);

    assert_eq!(plugin.open_window(screen.window()).unwrap(), SIZE);
    play_until(&mut plugin, "a picture again", |_| screen.is_painted());
    plugin.close_window();
}
