//! What a project saves, of this version and of earlier ones, and what comes back.

use super::*;

fn values(plugin: &mut Instance) -> Vec<(Param, f64)> {
    let params = plugin.params().unwrap();
    params.into_iter().map(|param| (param.clone(), plugin.value(param.id).unwrap())).collect()
}

/// A CLAP state of nice-plug: eight bytes of length, then JSON, in which `fields` holds JSON texts.
fn ask_for_model(state: &[u8], name: &str) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["model"] = format!(r#"{{"name":"{name}","hash":""}}"#).into();
    let text = serde_json::to_vec(&json).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

#[test]
fn a_saved_state_brings_values_and_sound_back() {
    let input = sung(SOUND_FRAMES);
    let mut plugin = offline();
    let settings = [
        ("Bias 1", "1.5 sd"),
        ("Scale 2", "0.5 x"),
        ("Mix", "80 %"),
        ("Transpose", "7 st"),
        ("Stability", "60 %"),
        ("Loudness Offset", "-3 dB"),
        ("Feedback Amount", "40 %"),
        ("Channels", "Left + Right"),
    ];
    for (name, text) in settings {
        plugin.set_by_text(name, text).unwrap();
    }
    activate(&mut plugin, RATE_HZ, 512);
    let expected = hurry(&mut plugin, &input, &mut std::iter::empty());
    let state = plugin.save_state().unwrap();

    let mut other = offline();
    other.load_state(&state).unwrap();
    assert_eq!(values(&mut other), values(&mut plugin));
    activate(&mut other, RATE_HZ, 512);
    let output = hurry(&mut other, &input, &mut std::iter::empty());
    assert_same(&output, &expected, "after loading the state");
    assert_eq!(other.save_state().unwrap(), state, "saved again, the state is another");
}

/// A state that asks for a second model too.
fn with_second_model(state: &[u8], name: &str) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(&state[8..]).unwrap();
    json["fields"]["second_model"] = format!(r#"{{"name":"{name}","hash":""}}"#).into();
    let text = serde_json::to_vec(&json).unwrap();
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

#[test]
fn a_second_model_of_the_project_is_blended_and_comes_back_with_it() {
    let input = sung(SOUND_FRAMES);
    let made = |second: &str, blend: &str| {
        let mut plugin = offline();
        let state = with_second_model(&plugin.save_state().unwrap(), second);
        plugin.load_state(&state).unwrap();
        plugin.set_by_text("Blend", blend).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let sound = hurry(&mut plugin, &input, &mut std::iter::empty());
        let kept: serde_json::Value = serde_json::from_slice(&plugin.save_state().unwrap()[8..]).unwrap();
        (sound, kept["fields"]["second_model"].as_str().unwrap().to_owned())
    };
    let alone = bounce(512, &input, &mut std::iter::empty(), &[]).1;
    let (unblended, kept) = made("horn", "0 %");
    assert!(kept.contains("horn"), "{kept}");
    assert_same(&unblended, &alone, "a blend of 0 %");
    let horn = made("horn", "100 %").0;
    assert!(first_difference(&horn[0], &alone[0]).is_some());
    // a missing second model is asked for further on, and the first one plays
    let (without, kept) = made("no-such-model", "0 %");
    assert!(kept.contains("no-such-model"), "{kept}");
    assert_same(&without, &alone, "without the second model");
}

/// Whether what an instance makes of a song from a reset on is this, within some seconds in which a model is loaded.
fn comes_to(plugin: &mut Instance, input: &[Vec<f32>], expected: &[Vec<f32>]) -> bool {
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_secs(20) {
        plugin.reset().unwrap();
        let made = hurry(plugin, input, &mut std::iter::empty());
        if made.iter().zip(expected).all(|(made, expected)| first_difference(made, expected).is_none()) {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    false
}

/// A bounce of a fresh instance with this state.
fn bounce_of(state: &[u8], input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut fresh = offline();
    fresh.load_state(state).unwrap();
    activate(&mut fresh, RATE_HZ, 512);
    hurry(&mut fresh, input, &mut std::iter::empty())
}

#[test]
fn a_state_loaded_while_active_brings_its_models_without_a_restart_and_never_in_a_bounce() {
    let input = sung(24_000);
    for render in [Render::Realtime, Render::Offline] {
        let mut plugin = instance();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let before = plugin.callbacks().restarts;
        let cello = plugin.save_state().unwrap();
        let horn = ask_for_model(&cello, "horn");
        let expected = bounce_of(if render == Render::Realtime { &horn } else { &cello }, &input);
        plugin.load_state(&horn).unwrap();
        assert!(comes_to(&mut plugin, &input, &expected), "{render:?}: another model");
        // What was swapped is there after an activation too, and so is what a bounce has put off.
        plugin.deactivate();
        plugin.set_render(Render::Offline).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        let made = hurry(&mut plugin, &input, &mut std::iter::empty());
        assert_same(&made, &bounce_of(&horn, &input), "after an activation");
        plugin.deactivate();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, RATE_HZ, 512);
        plugin.load_state(&with_second_model(&horn, "cello")).unwrap();
        hurry(&mut plugin, &input, &mut std::iter::empty());
        assert_eq!(plugin.callbacks().restarts, before, "{render:?}: none of it needs one");
    }
}

#[test]
fn a_state_whose_model_needs_another_latency_asks_for_a_restart_once_and_a_host_may_ignore_it() {
    let input = sung(24_000);
    let mut plugin = instance();
    let cello = plugin.save_state().unwrap();
    let live = ask_for_model(&cello, "cello-live");
    plugin.load_state(&live).unwrap();
    let short = activate(&mut plugin, RATE_HZ, 512);
    let first = plugin.callbacks();
    assert_eq!((first.restarts, first.latency_changes), (0, 1), "the first activation asks for none");
    plugin.load_state(&cello).unwrap();
    let began = std::time::Instant::now();
    while plugin.callbacks().restarts == 0 && began.elapsed().as_secs() < 20 {
        hurry(&mut plugin, &input, &mut std::iter::empty());
    }
    // The host does not listen: what played goes on at the old latency, however long.
    assert!(comes_to(&mut plugin, &input, &bounce_of(&live, &input)), "the old model at the old latency");
    assert_eq!((plugin.callbacks().restarts, plugin.latency_frames().unwrap()), (1, short));
    plugin.deactivate();
    assert!(activate(&mut plugin, RATE_HZ, 512) > short);
    assert!(comes_to(&mut plugin, &input, &bounce_of(&cello, &input)), "the new one with the restart");
    let last = plugin.callbacks();
    assert_eq!((last.restarts, last.latency_changes), (1, 2), "one restart, and the host is told of the latency once");
}

#[test]
fn a_state_that_is_nonsense_is_refused_and_changes_nothing() {
    let mut plugin = instance();
    plugin.set_by_text("Bias 1", "1 sd").unwrap();
    let before = values(&mut plugin);
    assert!(plugin.load_state(b"no state at all, but long enough to hold a length").is_err());
    assert_eq!(values(&mut plugin), before);
}
