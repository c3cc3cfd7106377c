//! What a project saves, of this version and of earlier ones, and what comes back.

use super::*;

fn values(plugin: &mut Instance) -> Vec<(Param, f64)> {
    let params = plugin.params().unwrap();
    params.into_iter().map(|param| (param.clone(), plugin.value(param.id).unwrap())).collect()
}

#[test]
fn a_saved_state_brings_values_and_sound_back() {
    let input = sung(SOUND_FRAMES);
    let mut plugin = offline(EFFECT);
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
    set(&mut plugin, &settings);
    activate(&mut plugin, 512);
    let expected = play(&mut plugin, &input, &[]);
    let state = plugin.save_state().unwrap();

    let mut other = offline(EFFECT);
    other.load_state(&state).unwrap();
    assert_eq!(values(&mut other), values(&mut plugin));
    activate(&mut other, 512);
    let output = play(&mut other, &input, &[]);
    assert_same(&output, &expected, "after loading the state");
    assert_eq!(other.save_state().unwrap(), state, "saved again, the state is another");
}

#[test]
fn a_second_model_of_the_project_is_blended_and_comes_back_with_it() {
    let input = sung(SOUND_FRAMES);
    let made = |second: &str, blend: &str| {
        let mut plugin = offline(EFFECT);
        load_with(&mut plugin, &[("second_model", named(second))]);
        plugin.set_by_text("Blend", blend).unwrap();
        activate(&mut plugin, 512);
        let sound = play(&mut plugin, &input, &[]);
        (sound, fields(&plugin.save_state().unwrap())["second_model"]["name"].clone())
    };
    let alone = bounce(512, &input, &[]).1;
    let (unblended, kept) = made("horn", "0 %");
    assert_eq!(kept, "horn");
    assert_same(&unblended, &alone, "a blend of 0 %");
    let horn = made("horn", "100 %").0;
    assert!(first_difference(&horn[0], &alone[0]).is_some());
    // a missing second model is asked for further on, and the first one plays
    let (without, kept) = made("no-such-model", "0 %");
    assert_eq!(kept, "no-such-model");
    assert_same(&without, &alone, "without the second model");
}

/// Whether what an instance makes of a song from a reset on is this, within some seconds in which a model is loaded.
fn comes_to(plugin: &mut Instance, input: &[Vec<f32>], expected: &[Vec<f32>]) -> bool {
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_secs(20) {
        plugin.reset().unwrap();
        let made = play(plugin, input, &[]);
        if made.iter().zip(expected).all(|(made, expected)| first_difference(made, expected).is_none()) {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    false
}

/// A bounce of a fresh instance with this state.
fn bounce_of(state: &[u8], input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut fresh = offline(EFFECT);
    fresh.load_state(state).unwrap();
    activate(&mut fresh, 512);
    play(&mut fresh, input, &[])
}

#[test]
fn a_state_loaded_while_active_brings_its_models_without_a_restart_and_never_in_a_bounce() {
    let input = sung(24_000);
    for render in [Render::Realtime, Render::Offline] {
        let mut plugin = instance(EFFECT);
        plugin.set_render(render).unwrap();
        activate(&mut plugin, 512);
        let before = plugin.callbacks().restarts;
        let cello = plugin.save_state().unwrap();
        let horn = with(&cello, &[("model", named("horn"))]);
        let expected = bounce_of(if render == Render::Realtime { &horn } else { &cello }, &input);
        plugin.load_state(&horn).unwrap();
        assert!(comes_to(&mut plugin, &input, &expected), "{render:?}: another model");
        // What was swapped is there after an activation too, and so is what a bounce has put off.
        plugin.deactivate();
        plugin.set_render(Render::Offline).unwrap();
        activate(&mut plugin, 512);
        let made = play(&mut plugin, &input, &[]);
        assert_same(&made, &bounce_of(&horn, &input), "after an activation");
        plugin.deactivate();
        plugin.set_render(render).unwrap();
        activate(&mut plugin, 512);
        plugin.load_state(&with(&horn, &[("second_model", named("cello"))])).unwrap();
        play(&mut plugin, &input, &[]);
        assert_eq!(plugin.callbacks().restarts, before, "{render:?}: none of it needs one");
    }
}

#[test]
fn a_state_whose_model_needs_another_latency_asks_for_a_restart_once_and_a_host_may_ignore_it() {
    let input = sung(24_000);
    let mut plugin = instance(EFFECT);
    let cello = plugin.save_state().unwrap();
    let live = with(&cello, &[("model", named("cello-live"))]);
    plugin.load_state(&live).unwrap();
    let short = activate(&mut plugin, 512);
    let first = plugin.callbacks();
    assert_eq!((first.restarts, first.latency_changes), (0, 1), "the first activation asks for none");
    plugin.load_state(&cello).unwrap();
    let began = std::time::Instant::now();
    while plugin.callbacks().restarts == 0 && began.elapsed().as_secs() < 20 {
        play(&mut plugin, &input, &[]);
    }
    // The host does not listen: what played goes on at the old latency, however long.
    assert!(comes_to(&mut plugin, &input, &bounce_of(&live, &input)), "the old model at the old latency");
    assert_eq!((plugin.callbacks().restarts, plugin.latency_frames().unwrap()), (1, short));
    plugin.deactivate();
    assert!(activate(&mut plugin, 512) > short);
    assert!(comes_to(&mut plugin, &input, &bounce_of(&cello, &input)), "the new one with the restart");
    let last = plugin.callbacks();
    assert_eq!((last.restarts, last.latency_changes), (1, 2), "one restart, and the host is told of the latency once");
}

#[test]
fn a_state_that_is_nonsense_is_refused_and_changes_nothing() {
    let mut plugin = instance(EFFECT);
    plugin.set_by_text("Bias 1", "1 sd").unwrap();
    let before = values(&mut plugin);
    assert!(plugin.load_state(b"no state at all, but long enough to hold a length").is_err());
    assert_eq!(values(&mut plugin), before);
}
