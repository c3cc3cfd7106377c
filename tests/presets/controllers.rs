//! What MIDI controllers hold, and whole settings.

use std::sync::Arc;

use serde_json::json;
use timbreloom::instance::desk::InstanceDesk;
use timbreloom::instance::effect_params::EffectParams;
use timbreloom::instance::midi_map::Mapping;
use timbreloom::instance::midi_play::{Heard, MidiPlay};
use timbreloom::instance::table;
use timbreloom::preset::compare::{copy_to_other, switch};
use timbreloom::preset::{History, copy, load, paste};

use crate::{desk, parsed, preset};

#[test]
fn a_preset_a_and_b_and_pasting_let_go_also_where_the_parameters_own_value_stays() {
    type Change = fn(&mut InstanceDesk<EffectParams>, &mut History);
    let changes: [(&str, Change); 3] = [
        ("a preset", |desk, history| drop(load(&parsed(&preset(json!({}))), table(), desk, history).unwrap())),
        ("A/B", |desk, history| switch(table(), desk, history)),
        ("pasting", |desk, history| {
            let text = copy(table(), desk);
            paste(&text, table(), desk, history).unwrap();
        }),
    ];
    for (name, change) in changes {
        let (mut desk, mut history) = (desk(), History::default());
        let params = Arc::clone(desk.params());
        params.kept.midi_map.set_mapping(&Mapping::new("mix", 1)).unwrap();
        let mut play = MidiPlay::new(&params);
        play.turn(0, 1, 0.25);
        copy_to_other(table(), &mut desk, &mut history);
        play.settle();
        assert_eq!(play.value(&params.mix), 0.25, "a copy changes nothing that is heard");
        change(&mut desk, &mut history);
        play.settle();
        assert_eq!((play.value(&params.mix), params.mix.value()), (1.0, 1.0), "{name}");
    }
}
