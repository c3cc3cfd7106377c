//! What a state may say of each parameter and setting. The framework takes over values as it finds them, in range or not,
//! and leaves what it does not find or cannot read at what the project before it had.

use nice_plug_core::plugin::ParamValue;
use nih_plug::prelude::*;
use serde::de::DeserializeOwned;

use super::instance_params::InstanceParams;
use super::kept_preset::KeptPreset;
use super::midi_map::Saved;
use super::param_set::{Handle, Typed, handles};
use crate::model::embedded::Embedded;
use crate::model::provider::ProviderChoice;
use crate::model::request::ModelRequest;
use crate::preset::Compare;

/// Brings a saved state of a plugin up to date and in order: what it lacks, as one of an earlier version does, and what cannot be
/// read becomes a new instance's, a value out of its range the nearest one.
pub fn bring_up_to_date<P: InstanceParams + Default>(state: &mut PluginState) {
    let fresh = P::default();
    for (id, param) in handles(&fresh) {
        let value = state.params.get(&id).and_then(|value| within(param, value));
        state.params.insert(id, value.unwrap_or_else(|| default_of(param)));
    }
    for (key, default) in fresh.serialize_fields() {
        if !state.fields.get(&key).is_some_and(|text| is_readable::<P>(&key, text)) {
            state.fields.insert(key, default);
        }
    }
}

/// The nearest value of the parameter; `None` where there is none.
fn within(param: Handle<'_>, value: &ParamValue) -> Option<ParamValue> {
    match (param.typed(), value) {
        (Typed::Float(param), ParamValue::F32(value)) => {
            let inside = value.clamp(param.preview_plain(0.0), param.preview_plain(1.0));
            (!inside.is_nan()).then_some(ParamValue::F32(inside))
        }
        (Typed::Int(param), ParamValue::I32(value)) => {
            Some(ParamValue::I32(*value.clamp(&param.preview_plain(0.0), &param.preview_plain(1.0))))
        }
        (Typed::Bool(_), ParamValue::Bool(_)) => Some(value.clone()),
        (Typed::Enum(param), ParamValue::I32(index)) => {
            usize::try_from(*index).is_ok_and(|index| index < param.len()).then(|| value.clone())
        }
        (Typed::Enum(param), ParamValue::String(id)) => param.set_from_id(id).then(|| value.clone()),
        _ => None,
    }
}

fn default_of(param: Handle<'_>) -> ParamValue {
    match param.typed() {
        Typed::Float(param) => ParamValue::F32(param.default_plain_value()),
        Typed::Int(param) => ParamValue::I32(param.default_plain_value()),
        Typed::Bool(param) => ParamValue::Bool(param.default_plain_value()),
        Typed::Enum(param) => ParamValue::I32(param.default_plain_value()),
    }
}

/// Whether a text is such a value.
pub(crate) fn reads<T: DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

fn is_readable<P: InstanceParams>(key: &str, text: &str) -> bool {
    match key {
        "model" | "second_model" => reads::<ModelRequest>(text),
        "embedded" | "second_embedded" => reads::<Embedded>(text),
        "provider" => reads::<ProviderChoice>(text),
        "state_version" => reads::<u32>(text),
        "compare" => reads::<Compare>(text),
        "window" => reads::<(u32, u32)>(text),
        "midi_map" => reads::<Saved>(text),
        "preset" => reads::<KeptPreset>(text),
        _ => P::reads_own(key, text),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::instance::effect_params::EffectParams;
    use crate::latent::{PathSet, Plane};
    use crate::osc::OscSettings;

    fn repaired(id: &str, value: ParamValue) -> ParamValue {
        let params = BTreeMap::from([(id.to_owned(), value)]);
        let mut state = PluginState { version: String::new(), params, fields: BTreeMap::new() };
        bring_up_to_date::<EffectParams>(&mut state);
        state.params.remove(id).unwrap()
    }

    #[test]
    fn a_state_of_any_earlier_version_brings_a_new_instances_values_for_what_it_lacks() {
        let params = EffectParams::default();
        let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields: BTreeMap::new() };
        bring_up_to_date::<EffectParams>(&mut state);
        assert_eq!(state.params.len(), params.param_map().len());
        for (id, param) in handles(&params) {
            let default = param.plain(param.default_share());
            match state.params[&id] {
                ParamValue::F32(value) => {
                    assert!((value - default).abs() <= 1e-6 * default.abs().max(1.0), "{id}: {value}, not {default}")
                }
                ParamValue::I32(value) => assert_eq!(value as f32, default, "{id}"),
                ParamValue::Bool(value) => assert_eq!(f32::from(u8::from(value)), default, "{id}"),
                ParamValue::String(_) => panic!("{id}"),
            }
        }
        assert_eq!(state.fields, params.serialize_fields());
    }

    #[test]
    fn a_value_that_is_there_stays() {
        assert!(matches!(repaired("stability", ParamValue::F32(0.9)), ParamValue::F32(0.9)));
    }

    #[test]
    fn a_value_out_of_range_is_the_nearest_one() {
        let float = |id, value| match repaired(id, ParamValue::F32(value)) {
            ParamValue::F32(value) => value,
            other => panic!("{other:?}"),
        };
        assert_eq!((float("mix", 7.0), float("mix", -1.0), float("mix", 0.25)), (1.0, 0.0, 0.25));
        assert!((util::gain_to_db(float("output_gain", 1e30)) - 24.0).abs() < 1e-3);
        assert_eq!((float("bias_16", f32::INFINITY), float("bias_16", f32::NEG_INFINITY)), (4.0, -4.0));
        assert_eq!((float("mix", f32::NAN), float("stability", f32::NAN)), (1.0, 0.3));
        assert!(matches!(repaired("random_take", ParamValue::I32(i32::MIN)), ParamValue::I32(1)));
        assert!(matches!(repaired("random_take", ParamValue::I32(i32::MAX)), ParamValue::I32(9999)));
    }

    #[test]
    fn what_is_no_value_of_a_parameter_is_its_default() {
        for wrong in [ParamValue::I32(9), ParamValue::I32(-1), ParamValue::String("x".into()), ParamValue::F32(1.0)] {
            assert!(matches!(repaired("channels", wrong.clone()), ParamValue::I32(0)), "{wrong:?}");
            assert!(matches!(repaired("latency", wrong.clone()), ParamValue::I32(1)), "{wrong:?}");
        }
        assert!(matches!(repaired("channels", ParamValue::I32(3)), ParamValue::I32(3)));
        assert!(
            matches!(repaired("channels", ParamValue::String("linked".into())), ParamValue::String(id) if id == "linked")
        );
        assert!(matches!(repaired("mix", ParamValue::Bool(false)), ParamValue::F32(1.0)));
        assert!(matches!(repaired("bypass", ParamValue::F32(1.0)), ParamValue::Bool(false)));
    }

    #[test]
    fn the_ends_of_every_range_stay_as_they_are() {
        let fresh = EffectParams::default();
        for (id, param) in handles(&fresh) {
            let Typed::Float(param) = param.typed() else { continue };
            for share in [0.0, 1.0, 0.37] {
                let value = param.preview_plain(share);
                assert!(matches!(repaired(&id, ParamValue::F32(value)), ParamValue::F32(is) if is == value), "{id}");
            }
        }
    }

    #[test]
    fn a_setting_that_cannot_be_read_is_a_new_instances_and_one_that_can_stays() {
        let fresh = EffectParams::default().serialize_fields();
        let params = EffectParams::default();
        *params.kept.model.lock() = ModelRequest::named("horn");
        *params.own.second_model.lock() = ModelRequest::named("flute");
        *params.kept.embedded.lock() = Embedded::wanted();
        *params.own.second_embedded.lock() = Embedded::wanted();
        *params.own.provider.lock() = ProviderChoice::CPU;
        params.own.paths.put(PathSet::default().with_plane(&Plane::default()));
        params.own.osc.put(OscSettings { is_on: true, port: 9100, send_port: 0 });
        *params.kept.state_version.lock() = 7;
        *params.kept.compare.lock() = serde_json::from_str(r#"{"side":"B","other":null}"#).unwrap();
        *params.kept.window.lock() = (1234, 777);
        *params.kept.preset.lock() = KeptPreset { name: "Fog".into(), is_edited: true };
        params.layout.lock().left = plugin_ui::layout::Tab::Sound;
        params.kept.midi_map.set_soft_takeover(true);
        let set = params.serialize_fields();
        for (key, text) in &set {
            assert_ne!(*text, fresh[key], "{key} is not tried here");
        }
        let loaded = |fields| {
            let mut state = PluginState { version: String::new(), params: BTreeMap::new(), fields };
            bring_up_to_date::<EffectParams>(&mut state);
            params.deserialize_fields(&state.fields);
            params.serialize_fields()
        };
        assert_eq!(loaded(set.clone()), set);
        assert_eq!(loaded(BTreeMap::new()), fresh, "a state from before every setting");
        assert_eq!(loaded(set.clone()), set);
        for garbage in ["", "{", "null", "[[]]", r#"{"side":7,"name":7,"is_wanted":7,"mappings":7}"#] {
            let damaged = set.keys().map(|key| (key.clone(), garbage.to_owned())).collect();
            assert_eq!(loaded(damaged), fresh, "{garbage}");
            assert_eq!(loaded(set.clone()), set);
        }
    }
}
