//! A plugin's parameters as presets name them.

use std::sync::Arc;

use nih_plug::prelude::*;

use super::param_set::{ParamSet, Typed};
use crate::preset::{Drawn, Extra, Kind, Parameter, Plugin, Table};

/// What belongs to a project and not to its sound: presets, A/B and copies leave it as it is.
const OF_THE_PROJECT: [&str; 2] = ["bypass", "latency"];

/// The table of a plugin's parameters; `gains` are held as linear gains and shown in dB. Allocates.
pub(crate) fn table_of(
    plugin: Plugin,
    params: Arc<dyn Params>,
    gains: &[&str],
    extras: Vec<Extra>,
    drawn: &'static [Drawn],
) -> Table {
    let params = ParamSet::new(params);
    Table::new(plugin, (0..params.count()).map(|index| describe(&params, index, gains)).collect(), extras, drawn)
}

/// How a parameter's plain value is shown.
#[derive(Clone, Copy)]
enum Unit {
    Plain,
    Percent,
    Decibels,
}

impl Unit {
    fn shown(self, plain: f32) -> f32 {
        match self {
            Self::Plain => plain,
            Self::Percent => plain * 100.0,
            Self::Decibels => util::gain_to_db(plain),
        }
    }

    fn plain(self, shown: f32) -> f32 {
        match self {
            Self::Plain => shown,
            Self::Percent => shown / 100.0,
            Self::Decibels => util::db_to_gain(shown),
        }
    }
}

fn describe(params: &ParamSet, index: usize, gains: &[&str]) -> Parameter {
    let param = params.at(index);
    let id = params.id(index).to_owned();
    let (name, unit) = (param.name(), param.unit().trim().to_owned());
    let shown_as = match unit.as_str() {
        "%" => Unit::Percent,
        _ if gains.contains(&id.as_str()) => Unit::Decibels,
        _ => Unit::Plain,
    };
    let own = params.clone();
    let shown = move |normalised: f32| {
        let param = own.at(index);
        let plain = param.plain(normalised);
        match param.typed() {
            Typed::Bool(_) => f32::from(u8::from(plain > 0.5)),
            _ => shown_as.shown(plain),
        }
    };
    let own = params.clone();
    let normalised = move |shown: f32| own.at(index).share_of(shown_as.plain(shown)).clamp(0.0, 1.0);
    let kind = match param.typed() {
        Typed::Float(_) => Kind::Number(tidy(shown(0.0)), tidy(shown(1.0))),
        Typed::Int(_) => Kind::Whole(shown(0.0) as i32, shown(1.0) as i32),
        Typed::Bool(_) => Kind::Switch,
        Typed::Enum(choice) => {
            let id_at = |index: usize| {
                // Nobody else reads these parameters' values.
                param.set(param.share_of(index as f32));
                choice.unmodulated_plain_id().unwrap_or_default().to_owned()
            };
            Kind::Choice((0..choice.len()).map(id_at).collect())
        }
    };
    let default = param.default_share();
    let is_of_preset = !OF_THE_PROJECT.contains(&id.as_str());
    let unit = match shown_as {
        // The unit is part of the number there: Hz, then kHz.
        _ if id == "feedback_frequency" => "Hz".to_owned(),
        _ => unit,
    };
    let own = params.clone();
    let text = move |normalised: f32| own.at(index).text(normalised);
    Parameter {
        id,
        name,
        unit,
        kind,
        default,
        is_of_preset,
        shown: Box::new(shown),
        normalised: Box::new(normalised),
        text: Box::new(text),
    }
}

/// An end of a range without what the way there and back has added.
fn tidy(end: f32) -> f32 {
    (end * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::instance::{codes_table, drums_table, table};
    use crate::preset::{Document, Scene};

    #[test]
    fn every_value_comes_back_from_its_json() {
        for parameter in [table(), drums_table()].into_iter().flat_map(Table::all) {
            for step in 0..=200 {
                let normalised = step as f32 / 200.0;
                // The nearest value that it can have: choices and switches have few.
                let normalised = (parameter.normalised)((parameter.shown)(normalised));
                let json = parameter.to_json(normalised);
                let (back, complaint) = parameter.read_json(&json);
                assert_eq!(complaint, None, "{}: {json}", parameter.id);
                let apart = (back.unwrap() - normalised).abs();
                assert!(apart < 1e-6, "{}: {json} is {back:?}, not {normalised}", parameter.id);
            }
        }
    }

    #[test]
    fn a_range_is_told_in_the_digits_that_the_plugin_says_it_in() {
        let told = |id: &str, value: f64| table().get(id).unwrap().read_json(&json!(value)).1.unwrap();
        assert_eq!(told("feedback_q", 0.1), "a number from 0.3 to 40");
        assert_eq!(told("random_rate", 21.0), "a number (Hz) from 0.02 to 20");
        assert_eq!(told("random_take", 0.0), "a whole number from 1 to 9999");
    }

    #[test]
    fn every_text_of_the_window_can_be_typed() {
        for parameter in [table(), codes_table(), drums_table()].into_iter().flat_map(Table::all) {
            for normalised in [parameter.default, 0.0, 0.3, 0.5, 0.7, 1.0] {
                let text = (parameter.text)(normalised);
                let back = parameter.read_text(&text.replace('-', "−"));
                let back = back.unwrap_or_else(|expected| panic!("{}: {text} is not {expected}", parameter.id));
                assert_eq!((parameter.text)(back), text, "{}", parameter.id);
            }
        }
    }

    #[test]
    fn what_is_typed_may_differ_in_case_and_unit_and_not_leave_the_range() {
        let read = |id: &str, typed: &str| table().get(id).unwrap().read_text(typed);
        for (id, json, typed) in [
            ("mix", json!(30), " 30 "),
            ("mix", json!(30), "30.0%"),
            ("output_gain", json!(-6), "-6 DB"),
            ("output_gain", json!(-6), "−6.0dB"),
            ("feedback_frequency", json!(1200), "1200"),
            ("feedback_frequency", json!(1200), "1200hz"),
            ("feedback_frequency", json!(1200), "1.2 kHz"),
            ("random_take", json!(7), "7"),
            ("freeze", json!(true), "ON"),
            ("freeze", json!(false), "false"),
            ("channels", json!("mid_side"), "Mid + Side"),
            ("channels", json!("mid_side"), "mid_side"),
            ("channels", json!("linked"), "linked"),
        ] {
            let (expected, _) = table().get(id).unwrap().read_json(&json);
            assert_eq!(read(id, typed).ok(), expected, "{id}: {typed}");
        }
        for (id, expected, typed) in [
            ("mix", "a number (%) from 0 to 100", &["100.1", "-1", "", "NaN", "inf", "1e999", "30 dB", "30 kHz"][..]),
            ("transpose", "a number (st) from -24 to 24", &["25", "up", "1 2"][..]),
            ("feedback_frequency", "a number (Hz) from 20 to 18000", &["19 Hz", "19 kHz", "1 k"][..]),
            ("random_take", "a whole number from 1 to 9999", &["0", "1.5", "10000"][..]),
            ("freeze", "on or off", &["maybe", "1", ""][..]),
            ("channels", "one of “mid”, “both”, “mid_side”, “linked”", &["middle", "0", ""][..]),
        ] {
            for typed in typed {
                assert_eq!(read(id, typed), Err(expected.to_owned()), "{id}: {typed}");
            }
        }
    }

    #[test]
    fn a_document_holds_extras_that_were_changed_and_what_cannot_be_read_is_told() {
        let desk = |values: &str| {
            let text = format!(
                r#"{{"timbreloom_preset":1,"plugin":"codes","name":"Test","model":{{"name":"cello-codes"}},"parameters":{{}}{values}}}"#
            );
            Document::parse(text.as_bytes(), "test.json").unwrap().scene(codes_table(), "Test")
        };
        let (without, remarks) = desk("");
        assert!(without.extras.is_empty() && remarks.is_empty(), "it leaves them as they are");
        let (none, remarks) = desk(r#","extras":{}"#);
        assert_eq!((none.extras.len(), remarks.len()), (1, 0), "it takes the default");
        let again = Document::of(&none, codes_table(), "Test", "");
        assert_eq!(serde_json::to_value(&again).unwrap()["extras"], json!({}));
        let (drawn, remarks) = desk(r#","extras":{"curve":[[0,0.3],[1,7]]}"#);
        let [moved] = &remarks[..] else { panic!("{remarks:?}") };
        assert!(moved.to_string().contains("is [[0,0.3],[1,7]]: the nearest value was taken."), "{moved}");
        let again = Document::of(&drawn, codes_table(), "Test", "");
        assert_eq!(serde_json::to_value(&again).unwrap()["extras"], json!({"curve": [[0.0, 0.3], [1.0, 1.0]]}));
        let (sorted, remarks) = desk(r#","extras":{"curve":[[1,1],[0,0.3]]}"#);
        assert_eq!((&sorted.extras, remarks.len()), (&drawn.extras, 0), "in any order it is the same curve");
        let (odd, remarks) = desk(r#","extras":{"curve":7,"kit":[]}"#);
        assert_eq!(odd.extras, none.extras);
        let said: Vec<String> = remarks.iter().map(ToString::to_string).collect();
        assert!(said[0].starts_with("Test: “extras.curve” should be a list of up to 256 pairs"), "{said:?}");
        assert!(said[1].contains("“extras.kit”") && said[1].contains("left out"), "{said:?}");
        let of_effect = Document::of(&Scene::defaults(table(), none.models), table(), "Test", "");
        let json = serde_json::to_value(&of_effect).unwrap();
        assert!(json.get("extras").is_none() && json.get("plugin").is_none(), "as it was before there were others");
        let error = of_effect.check_is_of(codes_table(), "Test").unwrap_err().to_string();
        assert!(error.contains("holds settings of Timbreloom. Load it there; Timbreloom Codes"), "{error}");
    }

    #[test]
    fn what_chance_moves_is_there_and_within_its_range() {
        for table in [table(), codes_table(), drums_table()] {
            for (id, low, high) in table.drawn {
                let kind = &table.get(id).unwrap().kind;
                let holds = |min: f32, max: f32| min <= *low && low < high && *high <= max;
                let is_within = match *kind {
                    Kind::Number(min, max) => holds(min, max),
                    Kind::Whole(min, max) => holds(min as f32, max as f32),
                    _ => false,
                };
                assert!(is_within, "{id}: {kind:?}");
            }
        }
    }

    #[test]
    fn values_are_written_as_the_window_shows_them() {
        let parameter = |id| table().get(id).unwrap();
        let default = |id| parameter(id).to_json(parameter(id).default);
        assert_eq!(default("stability"), json!(30.0));
        assert_eq!(default("input_gain"), json!(0.0));
        assert_eq!(default("feedback_frequency"), json!(800.0));
        assert_eq!(default("random_take"), json!(1));
        assert_eq!(default("freeze"), json!(false));
        assert_eq!(default("feedback_sync"), json!("off"));
        assert_eq!(parameter("input_gain").kind, Kind::Number(-60.0, 24.0));
        assert_eq!(parameter("feedback_amount").kind, Kind::Number(0.0, 200.0));
        assert_eq!(parameter("random_take").kind, Kind::Whole(1, 9999));
        assert_eq!(parameter("loudness_mode").kind, Kind::Choice(vec!["follow".into(), "manual".into()]));
        let of_the_project: Vec<_> = table().all().iter().filter(|p| !p.is_of_preset).map(|p| p.id.as_str()).collect();
        assert_eq!(of_the_project, OF_THE_PROJECT);
    }
}
