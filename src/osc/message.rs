//! From a packet's bytes to what is asked for. Pure; trusts nothing.
//!
//! Time tags say nothing here: what comes is done with the next block. So are bundles: what is in one is done in its order.

use rosc::{OscMessage, OscPacket, OscType};
use serde_json::Value;

use super::answer::ANSWERS;
use crate::controls::MAX_DIMS;
use crate::preset::{Kind, Parameter, Table};

/// A packet at most, bytes.
pub const MAX_PACKET_BYTES: usize = 8 << 10;

/// Bundles in bundles at most.
pub const MAX_DEPTH: usize = 4;

/// Messages of a packet at most.
pub const MAX_MESSAGES: usize = 64;

/// Arguments of a message at most; no address takes as many.
pub const MAX_ARGUMENTS: usize = 32;

/// Latents may be so far from the mean, standard deviations; far beyond what any model makes or plays.
const MOST_LATENT: f32 = 1000.0;

/// What a sender's rounding may put a share beyond its end.
const SLACK: f32 = 1e-6;

/// Characters of a sender's words that an answer repeats.
const MOST_REPEATED: usize = 64;

/// What a bundle begins with, and the time tag behind it.
const BUNDLE: &[u8] = b"#bundle\0";
const TIME_TAG_BYTES: usize = 8;

const PARAM: &str = "/timbreloom/param";
const SHARE: &str = "/timbreloom/share";
const RELEASE: &str = "/timbreloom/release";
const PLANE: &str = "/timbreloom/plane";
const POSITION: &str = "/timbreloom/position";
const LATENT: &str = "/timbreloom/latent";
pub(super) const PING: &str = "/timbreloom/ping";

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OscAsk {
    /// A parameter is to be held.
    Hold {
        /// Which one, by its place among the names.
        target: usize,
        /// At this share of its range, 0 to 1.
        share: f32,
    },
    /// A parameter is to be let go, or all that are held.
    Release(Option<usize>),
    /// This latent is to take the encoder's place, standard deviations; `None`: the encoder's own is to be heard again.
    Latent(Option<[f32; MAX_DIMS]>),
    /// An answer is to be given.
    Ping,
}

/// Why a packet, or a message of it, is not followed. A whole sentence that names where, and what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant says in its message what it and its fields are")]
pub enum OscRefusal {
    #[error(
        "This packet is longer than the {MAX_PACKET_BYTES} bytes that are read at most. Send fewer messages in one."
    )]
    TooLong,
    #[error("This packet is no OSC: {reason}. Send a message or a bundle of OSC 1.0.")]
    Damaged { reason: String },
    #[error("This packet has bundles within bundles, more than {MAX_DEPTH} deep. Send its messages in one bundle.")]
    TooDeep,
    #[error("This packet has more than {MAX_MESSAGES} messages. Send several packets.")]
    TooMany,
    #[error("“{address}” is no address here. Expected are {expected}.")]
    Address { address: String, expected: String },
    #[error(
        "“{address}” is an answer of Timbreloom's, and answers are not heard. Have them sent to a port of your own program."
    )]
    Answer { address: &'static str },
    #[error("This packet comes from the port where OSC is heard. Have answers sent to another one.")]
    Own,
    #[error("“{address}” takes {expected}, and came with {found} arguments.")]
    Count { address: &'static str, expected: &'static str, found: usize },
    #[error("“{address}”, argument {argument}: {expected} expected, {found} found.")]
    Argument { address: &'static str, argument: usize, expected: String, found: String },
}

impl OscRefusal {
    /// Whether the sender hears of it. Who is answered for an answer would answer that.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(self, Self::Answer { .. } | Self::Own)
    }
}

/// What messages may name: the parameters that can be moved while sound plays.
pub struct OscNames {
    table: &'static Table,
    targets: Vec<String>,
}

impl OscNames {
    /// The parameters of a table that have these ids; a parameter's place among them is what the audio thread knows it by.
    pub fn new(table: &'static Table, targets: &[String]) -> Self {
        Self { table, targets: targets.to_vec() }
    }

    fn find(&self, id: &str) -> Option<(usize, &'static Parameter)> {
        Some((self.targets.iter().position(|target| target == id)?, self.table.get(id)?))
    }
}

/// The messages of a packet, in their order.
///
/// # Errors
/// When it is too long, too deep, too full or no OSC; nothing of it is followed then.
pub fn messages(packet: &[u8]) -> Result<Vec<OscMessage>, OscRefusal> {
    if packet.len() > MAX_PACKET_BYTES {
        return Err(OscRefusal::TooLong);
    }
    let mut found = Vec::new();
    unpack(packet, 0, &mut found)?;
    Ok(found)
}

/// Takes bundles apart. The library reads messages alone: it would follow bundles as deep as they go.
fn unpack(packet: &[u8], depth: usize, found: &mut Vec<OscMessage>) -> Result<(), OscRefusal> {
    let Some(bundle) = packet.strip_prefix(BUNDLE) else {
        if found.len() == MAX_MESSAGES {
            return Err(OscRefusal::TooMany);
        }
        found.push(message(packet)?);
        return Ok(());
    };
    if depth == MAX_DEPTH {
        return Err(OscRefusal::TooDeep);
    }
    let mut rest = bundle.get(TIME_TAG_BYTES..).ok_or_else(|| damaged("a bundle ends within its time tag"))?;
    while !rest.is_empty() {
        let (bytes, behind) =
            rest.split_first_chunk::<4>().ok_or_else(|| damaged("a bundle ends within an element's length"))?;
        let bytes = u32::from_be_bytes(*bytes) as usize;
        let (element, behind) =
            behind.split_at_checked(bytes).ok_or_else(|| damaged("a bundle is shorter than its elements say"))?;
        unpack(element, depth + 1, found)?;
        rest = behind;
    }
    Ok(())
}

fn message(bytes: &[u8]) -> Result<OscMessage, OscRefusal> {
    let tags = type_tags(bytes).ok_or_else(|| damaged("a message has no type tags"))?;
    // Lists within lists would be followed as deep as they go.
    if tags.contains(&b'[') {
        return Err(damaged("a message holds a list within its arguments"));
    }
    if tags.len() > MAX_ARGUMENTS {
        return Err(damaged(&format!("a message has {} arguments, at most {MAX_ARGUMENTS} are read", tags.len())));
    }
    match rosc::decoder::decode_udp(bytes) {
        Ok(([], OscPacket::Message(message))) => Ok(message),
        Ok(_) => Err(damaged("there are bytes behind a message's arguments")),
        Err(error) => Err(damaged(&error.to_string())),
    }
}

/// The type tags behind a message's address, each a byte.
fn type_tags(message: &[u8]) -> Option<&[u8]> {
    let address = message.iter().position(|byte| *byte == 0)?;
    // Texts end with a zero, and are filled up to four bytes.
    let rest = message.get((address / 4 + 1) * 4..)?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    rest[..end].strip_prefix(b",")
}

fn damaged(reason: &str) -> OscRefusal {
    OscRefusal::Damaged { reason: repeated(reason) }
}

/// What a message asks for: one thing, or two of a place.
///
/// # Errors
/// Names the address, the argument and what was expected.
pub fn asks(message: &OscMessage, names: &OscNames) -> Result<Vec<OscAsk>, OscRefusal> {
    let given = &message.args[..];
    match message.addr.as_str() {
        PARAM => param(given, names),
        SHARE => {
            let [id, share] = given else { return Err(count(SHARE, "a parameter's id and a share", given)) };
            let (target, _) = named(SHARE, id, names)?;
            Ok(vec![OscAsk::Hold { target, share: share_of_range(SHARE, 2, share)? }])
        }
        RELEASE => match given {
            [] => Ok(vec![OscAsk::Release(None)]),
            [id] => Ok(vec![OscAsk::Release(Some(named(RELEASE, id, names)?.0))]),
            _ => Err(count(RELEASE, "a parameter's id, or nothing", given)),
        },
        PLANE => {
            let [x, y] = given else { return Err(count(PLANE, "two numbers, x and y", given)) };
            let x = held(PLANE, "plane_x", share_of_range(PLANE, 1, x)?, names)?;
            let y = held(PLANE, "plane_y", share_of_range(PLANE, 2, y)?, names)?;
            Ok(vec![x, y])
        }
        POSITION => {
            let [position] = given else { return Err(count(POSITION, "one number", given)) };
            Ok(vec![held(POSITION, "path_position", share_of_range(POSITION, 1, position)?, names)?])
        }
        LATENT => latent(given),
        PING => Ok(vec![OscAsk::Ping]),
        other => {
            Err(no_address(other, || format!("{PARAM}, {SHARE}, {RELEASE}, {PLANE}, {POSITION}, {LATENT} and {PING}")))
        }
    }
}

/// What is no address is refused: an answer, or something else than those that are expected.
pub(super) fn no_address(address: &str, expected: impl Fn() -> String) -> OscRefusal {
    match ANSWERS.into_iter().find(|answer| *answer == address) {
        Some(address) => OscRefusal::Answer { address },
        None => OscRefusal::Address { address: repeated(address), expected: expected() },
    }
}

fn param(given: &[OscType], names: &OscNames) -> Result<Vec<OscAsk>, OscRefusal> {
    let [id, value] = given else { return Err(count(PARAM, "a parameter's id and a value", given)) };
    let (target, parameter) = named(PARAM, id, names)?;
    let share = read(parameter, value).map_err(|expected| argument(PARAM, 2, expected, value))?;
    Ok(vec![OscAsk::Hold { target, share }])
}

/// A value in the parameter's own unit, or as it is typed, to a share of its range.
fn read(parameter: &Parameter, value: &OscType) -> Result<f32, String> {
    let is_switch = parameter.kind == Kind::Switch;
    let json = match (value, number(value)) {
        (OscType::String(typed), _) => return parameter.read_text(typed),
        (OscType::Bool(is_on), _) => Value::Bool(*is_on),
        // As toggles of Max and Pure Data say it.
        (_, Some(number)) if is_switch && (number == 0.0 || number == 1.0) => Value::Bool(number == 1.0),
        (_, number) => Value::from(number),
    };
    match parameter.read_json(&json) {
        (Some(share), None) => Ok(share),
        _ if is_switch => Err("on or off, or 1 or 0,".into()),
        (_, expected) => Err(expected.unwrap_or_default()),
    }
}

fn latent(given: &[OscType]) -> Result<Vec<OscAsk>, OscRefusal> {
    if given.is_empty() {
        return Ok(vec![OscAsk::Latent(None)]);
    }
    if given.len() > MAX_DIMS {
        return Err(count(LATENT, "1 to 16 numbers, or nothing", given));
    }
    let mut latent = [0.0; MAX_DIMS];
    for (n, (place, value)) in latent.iter_mut().zip(given).enumerate() {
        *place = within(LATENT, n + 1, value, -MOST_LATENT, MOST_LATENT)?;
    }
    Ok(vec![OscAsk::Latent(Some(latent))])
}

fn held(address: &'static str, id: &'static str, share: f32, names: &OscNames) -> Result<OscAsk, OscRefusal> {
    let (target, _) = named(address, &OscType::String(id.into()), names)?;
    Ok(OscAsk::Hold { target, share })
}

fn named(address: &'static str, id: &OscType, names: &OscNames) -> Result<(usize, &'static Parameter), OscRefusal> {
    let found = if let OscType::String(id) = id { names.find(id) } else { None };
    found.ok_or_else(|| {
        let expected = "the id of a parameter that hosts can automate, as docs/parameters.md lists them,";
        argument(address, 1, expected.into(), id)
    })
}

fn share_of_range(address: &'static str, place: usize, value: &OscType) -> Result<f32, OscRefusal> {
    within(address, place, value, 0.0, 1.0)
}

fn within(address: &'static str, place: usize, value: &OscType, low: f32, high: f32) -> Result<f32, OscRefusal> {
    let found = number(value).map(|number| number as f32);
    let found = found.filter(|number| (low - SLACK..=high + SLACK).contains(number));
    let wrong = || argument(address, place, format!("a number from {low} to {high}"), value);
    found.map(|number| number.clamp(low, high)).ok_or_else(wrong)
}

pub(super) fn number(value: &OscType) -> Option<f64> {
    match value {
        OscType::Int(number) => Some(f64::from(*number)),
        OscType::Long(number) => Some(*number as f64),
        OscType::Float(number) => Some(f64::from(*number)),
        OscType::Double(number) => Some(*number),
        _ => None,
    }
}

pub(super) fn count(address: &'static str, expected: &'static str, given: &[OscType]) -> OscRefusal {
    OscRefusal::Count { address, expected, found: given.len() }
}

pub(super) fn argument(address: &'static str, argument: usize, expected: String, value: &OscType) -> OscRefusal {
    let found = match value {
        OscType::String(text) => format!("“{}”", repeated(text)),
        OscType::Bool(is) => is.to_string(),
        value => number(value).map_or_else(|| "something that is no number and no text".into(), |n| n.to_string()),
    };
    OscRefusal::Argument { address, argument, expected, found }
}

/// A sender's words as far as they are repeated, without what moves a cursor.
fn repeated(text: &str) -> String {
    let mut words: String = text.chars().take(MOST_REPEATED).map(|c| if c.is_control() { '?' } else { c }).collect();
    if text.chars().nth(MOST_REPEATED).is_some() {
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use rosc::{OscBundle, OscTime};

    use super::*;
    use crate::instance;
    use crate::instance::effect_params::EffectParams;

    fn names() -> OscNames {
        OscNames::new(instance::table(), EffectParams::default().kept.midi_map.targets())
    }

    fn message(address: &str, args: &[OscType]) -> OscPacket {
        OscPacket::Message(OscMessage { addr: address.into(), args: args.to_vec() })
    }

    fn bundle(content: Vec<OscPacket>) -> OscPacket {
        OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: u32::MAX, fractional: 7 }, content })
    }

    fn bytes(packet: &OscPacket) -> Vec<u8> {
        rosc::encoder::encode(packet).unwrap()
    }

    /// All that a packet asks for, or the first refusal.
    fn read(packet: &OscPacket) -> Result<Vec<OscAsk>, String> {
        let told = |refusal: OscRefusal| refusal.to_string();
        let mut all = Vec::new();
        for message in messages(&bytes(packet)).map_err(told)? {
            all.extend(asks(&message, &names()).map_err(told)?);
        }
        Ok(all)
    }

    fn text(text: &str) -> OscType {
        OscType::String(text.into())
    }

    /// The parameter that is held, and its value as the window shows it.
    #[track_caller]
    fn held(address: &str, args: &[OscType]) -> (String, Value) {
        match read(&message(address, args)).unwrap()[..] {
            [OscAsk::Hold { target, share }] => {
                let id = names().targets[target].clone();
                let value = instance::table().get(&id).unwrap().to_json(share);
                (id, value)
            }
            ref other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_parameter_takes_a_number_in_its_own_unit_a_switch_or_what_is_typed() {
        for (id, value, shown) in [
            ("mix", OscType::Float(30.0), Value::from(30.0)),
            ("mix", OscType::Int(30), Value::from(30.0)),
            ("mix", text("30 %"), Value::from(30.0)),
            ("output_gain", OscType::Double(-6.0), Value::from(-6.0)),
            ("random_take", OscType::Long(7), Value::from(7)),
            ("freeze", OscType::Bool(true), Value::Bool(true)),
            ("freeze", OscType::Int(1), Value::Bool(true)),
            ("freeze", OscType::Float(0.0), Value::Bool(false)),
            ("freeze", text("on"), Value::Bool(true)),
            ("feedback_frequency", text("1.5 kHz"), Value::from(1500.0)),
            ("feedback_sync", text("1/8"), Value::from("1/8")),
        ] {
            assert_eq!(held(PARAM, &[text(id), value]), (id.to_owned(), shown));
        }
    }

    #[test]
    fn every_other_address_is_read() {
        assert_eq!(held(SHARE, &[text("mix"), OscType::Float(0.25)]), ("mix".into(), Value::from(25.0)));
        assert_eq!(held(POSITION, &[OscType::Int(1)]), ("path_position".into(), Value::from(100.0)));
        let place = read(&message(PLANE, &[OscType::Float(0.5), OscType::Float(0.25)])).unwrap();
        let target = |id: &str| names().find(id).unwrap().0;
        let hold = |id: &str, share| OscAsk::Hold { target: target(id), share };
        assert_eq!(place, [hold("plane_x", 0.5), hold("plane_y", 0.25)]);
        assert_eq!(read(&message(RELEASE, &[])), Ok(vec![OscAsk::Release(None)]));
        assert_eq!(read(&message(RELEASE, &[text("mix")])), Ok(vec![OscAsk::Release(Some(target("mix")))]));
        assert_eq!(read(&message(PING, &[])), Ok(vec![OscAsk::Ping]));
        assert_eq!(read(&message(LATENT, &[])), Ok(vec![OscAsk::Latent(None)]));
        let all: Vec<OscType> = (0..16).map(OscType::Int).collect();
        let [OscAsk::Latent(Some(latent))] = read(&message(LATENT, &all)).unwrap()[..] else { panic!("a latent") };
        assert_eq!((latent[0], latent[15]), (0.0, 15.0));
    }

    #[test]
    fn every_refusal_names_the_address_the_argument_and_what_was_expected() {
        let float = OscType::Float;
        for (address, args, words) in [
            (PARAM, vec![text("mix")], "“/timbreloom/param” takes a parameter's id and a value, and came with 1"),
            (PARAM, vec![float(1.0), float(1.0)], "argument 1: the id of a parameter that hosts can automate"),
            (PARAM, vec![text("mixx"), float(1.0)], "“mixx” found"),
            (PARAM, vec![text("latency"), text("low")], "argument 1: the id of a parameter that hosts can automate"),
            (PARAM, vec![text("mix"), float(101.0)], "argument 2: a number (%) from 0 to 100 expected, 101 found"),
            (PARAM, vec![text("mix"), float(f32::NAN)], "a number (%) from 0 to 100 expected, NaN found"),
            (PARAM, vec![text("mix"), text("loud")], "a number (%) from 0 to 100 expected, “loud” found"),
            (PARAM, vec![text("mix"), OscType::Nil], "something that is no number and no text found"),
            (PARAM, vec![text("freeze"), float(0.5)], "on or off, or 1 or 0, expected, 0.5 found"),
            (PARAM, vec![text("channels"), text("5.1")], "one of “mid”"),
            (SHARE, vec![text("mix"), float(1.5)], "“/timbreloom/share”, argument 2: a number from 0 to 1 expected"),
            (SHARE, vec![], "“/timbreloom/share” takes a parameter's id and a share, and came with 0"),
            (RELEASE, vec![text("x")], "“/timbreloom/release”, argument 1: the id of a parameter"),
            (RELEASE, vec![text("mix"), text("mix")], "takes a parameter's id, or nothing, and came with 2"),
            (PLANE, vec![float(0.5)], "“/timbreloom/plane” takes two numbers, x and y, and came with 1"),
            (PLANE, vec![float(0.5), text("up")], "“/timbreloom/plane”, argument 2: a number from 0 to 1 expected"),
            (POSITION, vec![float(-0.1)], "“/timbreloom/position”, argument 1: a number from 0 to 1 expected, -0.1"),
            (LATENT, vec![float(0.0), float(f32::INFINITY)], "argument 2: a number from -1000 to 1000 expected, inf"),
            (LATENT, vec![float(1001.0)], "“/timbreloom/latent”, argument 1: a number from -1000 to 1000 expected"),
            (LATENT, vec![float(0.0); 17], "“/timbreloom/latent” takes 1 to 16 numbers, or nothing, and came with 17"),
            ("/timbreloom/Plane", vec![], "“/timbreloom/Plane” is no address here. Expected are /timbreloom/param,"),
            ("/\u{1b}[31m", vec![], "“/?[31m” is no address here"),
        ] {
            let said = read(&message(address, &args)).unwrap_err();
            assert!(said.contains(words) && said.ends_with('.'), "{said}");
        }
    }

    #[test]
    fn what_timbreloom_answers_is_no_address_here_and_goes_unanswered() {
        for address in ANSWERS {
            let given = OscMessage { addr: address.into(), args: vec![OscType::Float(0.5)] };
            let refusal = asks(&given, &names()).unwrap_err();
            assert_eq!((&refusal, refusal.is_answered()), (&OscRefusal::Answer { address }, false));
            assert!(refusal.to_string().starts_with(&format!("“{address}” is an answer of Timbreloom's")), "{refusal}");
        }
        assert!(!OscRefusal::Own.is_answered() && OscRefusal::TooLong.is_answered());
    }

    #[test]
    fn bundles_are_taken_apart_and_their_time_says_nothing() {
        let ping = || message(PING, &[]);
        let nested = bundle(vec![ping(), bundle(vec![bundle(vec![bundle(vec![ping()])]), ping()])]);
        assert_eq!(read(&nested), Ok(vec![OscAsk::Ping; 3]));
        assert_eq!(read(&bundle(vec![])), Ok(vec![]));
        assert_eq!(read(&bundle(vec![ping(); MAX_MESSAGES])).unwrap().len(), MAX_MESSAGES);
    }

    #[test]
    fn packets_beyond_the_bounds_are_refused_whole() {
        let ping = message(PING, &[]);
        let deep = |depth: usize| (0..depth).fold(ping.clone(), |inner, _| bundle(vec![inner]));
        assert!(read(&deep(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 300] {
            assert!(read(&deep(depth)).unwrap_err().contains("packet has bundles within bundles, more than 4 deep"));
        }
        let many = bundle(vec![ping.clone(); MAX_MESSAGES + 1]);
        assert!(read(&many).unwrap_err().contains("packet has more than 64 messages"));
        let long = message(PARAM, &[text("mix"), text(&"x".repeat(MAX_PACKET_BYTES))]);
        assert!(read(&long).unwrap_err().contains("packet is longer than the 8192 bytes"));
        let full = message(LATENT, &vec![OscType::Nil; MAX_ARGUMENTS + 1]);
        assert!(read(&full).unwrap_err().contains("a message has 33 arguments, at most 32 are read"));
    }

    #[test]
    fn what_is_no_osc_is_refused_as_a_packet_wherever_it_breaks_off() {
        let whole = bytes(&bundle(vec![message(PARAM, &[text("mix"), OscType::Float(1.0)]), message(PING, &[])]));
        for length in 0..whole.len() {
            // Between two elements, and behind the head, it is a shorter bundle.
            let is_bundle = [16, whole.len() - 28].contains(&length);
            let read = messages(&whole[..length]);
            assert_eq!(read.is_ok(), is_bundle, "{length}: {read:?}");
            if let Err(refusal) = read {
                assert!(refusal.to_string().contains("This packet is no OSC"), "{refusal}");
            }
        }
        let lists = [b"/a\0\0,".to_vec(), vec![b'['; 4000], vec![0; 3]].concat();
        assert!(messages(&lists).unwrap_err().to_string().contains("a list within its arguments"));
        for wrong in [
            &b""[..],
            b"\0\0\0\0",
            b"a\0\0\0,\0\0\0",
            b"/a\0\0,z\0\0",
            b"/a\0\0,i\0\0",
            b"/a\0\0,i\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert!(messages(wrong).unwrap_err().to_string().contains("packet is no OSC"), "{wrong:?}");
        }
    }
}
