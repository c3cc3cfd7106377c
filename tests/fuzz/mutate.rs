//! Bytes that are almost right.

use fastrand::Rng;

/// More than any seed has, and little enough for thousands of cases a second.
const MAX_BYTES: usize = 64 << 10;

/// Changes one to six places without regard to what they mean.
pub fn bytes(case: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut case = case.to_vec();
    for _ in 0..random.usize(1..7) {
        change(&mut case, random);
    }
    case.truncate(MAX_BYTES);
    case
}

fn change(case: &mut Vec<u8>, random: &mut Rng) {
    if case.is_empty() {
        case.extend((0..random.usize(1..64)).map(|_| random.u8(..)));
        return;
    }
    // Heads matter more than what follows.
    let at = if random.bool() { random.usize(..case.len()) } else { random.usize(..case.len().min(128)) };
    let span = random.usize(1..=(case.len() - at).min(64));
    match random.u32(..9) {
        0 => case[at] ^= 1 << random.u32(..8),
        1 => case[at] = random.u8(..),
        2 => drop(case.drain(at..at + span)),
        3 => {
            let copy = case[at..at + span].to_vec();
            let to = random.usize(..=case.len());
            case.splice(to..to, copy);
        }
        4 => {
            let new: Vec<u8> = (0..span).map(|_| random.u8(..)).collect();
            case.splice(at..at, new);
        }
        5 => case.truncate(at),
        _ => number(&mut case[at..], random),
    }
}

/// Puts a number at the end of its range, of two, four or eight bytes, in either order.
fn number(place: &mut [u8], random: &mut Rng) {
    let width = [2, 4, 8][random.usize(..3)];
    let Some(place) = place.get_mut(..width) else { return };
    let odd = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x10000, u64::MAX, u64::MAX - 7, 1 << 62];
    let value = if random.bool() { odd[random.usize(..odd.len())] } else { random.u64(..0x10000) };
    let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
    if random.bool() {
        place.copy_from_slice(&little[..width]);
    } else {
        place.copy_from_slice(&big[8 - width..]);
    }
}
