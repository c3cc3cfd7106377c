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
