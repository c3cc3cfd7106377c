//! How hosts call: all at once without saying that they render, and with a stop and a start around each block.

use std::time::{Duration, Instant};

use super::*;

const BLOCK: usize = 512;

#[test]
fn a_render_that_is_not_announced_gives_what_an_announced_one_does_wherever_it_pauses() {
    let input = sung(SOUND_FRAMES);
    let (_, expected) = bounce(BLOCK, &input, &mut std::iter::empty(), &[]);
    assert!(rms(&expected[0]) > 1e-3, "the model says nothing");
    for pauses in [&[][..], &[0], &[2], &[20], &[21, 40, 90]] {
        let mut plugin = instance();
        activate(&mut plugin, RATE_HZ, BLOCK);
        let began = Instant::now();
        let mut blocks = (0..).map(|block| {
            if pauses.contains(&block) {
                std::thread::sleep(Duration::from_millis(300));
            }
            BLOCK
        });
        let output = hurry(&mut plugin, &input, &mut blocks);
        assert_same(&output, &expected, &format!("with pauses before {pauses:?}"));
        assert!(began.elapsed() < Duration::from_secs(15), "the host does not hang");
    }
}

#[test]
fn a_stop_and_a_start_around_each_block_change_nothing() {
    let input = sung(SOUND_FRAMES / 2);
    let (_, expected) = bounce(BLOCK, &input, &mut std::iter::empty(), &[]);
    let mut plugin = offline();
    activate(&mut plugin, RATE_HZ, BLOCK);
    let mut output = vec![Vec::new(); input.len()];
    for from in (0..input[0].len()).step_by(BLOCK) {
        let to = (from + BLOCK).min(input[0].len());
        let block: Vec<Vec<f32>> = input.iter().map(|channel| channel[from..to].to_vec()).collect();
        let made = hurry(&mut plugin, &block, &mut std::iter::empty());
        output.iter_mut().zip(made).for_each(|(all, made)| all.extend(made));
        plugin.stop_and_start().unwrap();
    }
    assert_same(&output, &expected, "stopped and started around each block");
    // An activation begins anew.
    plugin.deactivate();
    activate(&mut plugin, RATE_HZ, BLOCK);
    assert_same(&hurry(&mut plugin, &input, &mut std::iter::empty()), &expected, "activated again");
}
