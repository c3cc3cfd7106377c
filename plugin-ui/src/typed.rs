//! What people type as a value: "1k", "1,5 kHz", "200ms", "-1 oct", "\u{2212}6,5", "C#4". One reader for every field and for hosts.

/// What a number means, and so the words that may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A number without a unit.
    Number,
    /// Held as a factor, shown in per cent: "50", "50 %", "0.5x".
    Percent,
    /// A factor: "2", "2x", "200 %".
    Factor,
    /// Hz: "440", "1k", "1.5 kHz", "1k5", "A4".
    Hertz,
    /// Milliseconds: "200", "200ms", "0.2 s".
    Milliseconds,
    /// Seconds: "2", "2 s", "200 ms".
    Seconds,
    /// Semitones: "7", "7 st", "-1 oct", "50 ct".
    Semitones,
    /// dB: "-6.5", "-6.5 dB", "-inf".
    Decibels,
    /// Held as a linear gain, shown in dB; "x" and per cent are gains.
    Gain,
    /// A key of the piano, 60 at C4: "60.5", "C#4", "A4 -20 ct".
    Key,
    /// Standard deviations of a latent: "1.2", "1.2 sd".
    Deviations,
}

/// The value that a text means, in what is held; `None`: it means nothing. May lie outside of `range` (lowest, highest), which
/// decides only whether "1,000" is one or a thousand.
pub fn read(text: &str, quantity: Quantity, range: [f32; 2]) -> Option<f32> {
    let text = tidy(text);
    if matches!(text.as_str(), "-inf" | "-\u{221E}" | "-infdb" | "-\u{221E}db") {
        return matches!(quantity, Quantity::Decibels | Quantity::Gain).then_some(range[0]);
    }
    if matches!(quantity, Quantity::Hertz | Quantity::Key)
        && let Some(key) = key(&text)
    {
        let value = if quantity == Quantity::Key { key } else { 440.0 * ((key - 69.0) / 12.0).exp2() };
        return Some(value as f32);
    }
    let end = text.find(|letter: char| !matches!(letter, '0'..='9' | '.' | ',' | '+' | '-')).unwrap_or(text.len());
    let (number, mut word) = text.split_at(end);
    let (mut readings, mut thousands) = (numbers(number)?, 1.0);
    let takes_k = matches!(quantity, Quantity::Number | Quantity::Hertz | Quantity::Milliseconds);
    if let Some(rest) = word.strip_prefix('k').filter(|_| takes_k) {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        // "1k5" is 1500, and "1.2k5" is nothing.
        if digits > 0 {
            readings = numbers(&format!("{}.{}", number.parse::<i32>().ok()?, &rest[..digits]))?;
        }
        (word, thousands) = (&rest[digits..], 1e3);
    }
    let values = readings.map(|value| value.and_then(|value| held(value * thousands, quantity, word)));
    let fits = |value: &f32| (range[0]..=range[1]).contains(value);
    let first = values[0].filter(|value| value.is_finite())?;
    Some(if fits(&first) { first } else { values[1].filter(fits).unwrap_or(first) })
}

/// What a number with a word after it is in what is held.
fn held(value: f64, quantity: Quantity, word: &str) -> Option<f32> {
    let value = match (quantity, word) {
        (Quantity::Percent, "" | "%" | "percent" | "pct") | (Quantity::Factor | Quantity::Gain, "%" | "percent") => {
            value / 100.0
        }
        (Quantity::Gain, "" | "db" | "dbfs") => 10f64.powf(value / 20.0),
        (Quantity::Milliseconds, "s" | "sec" | "second" | "seconds") => value * 1e3,
        (Quantity::Milliseconds, "us" | "\u{B5}s" | "\u{3BC}s") => value / 1e3,
        (Quantity::Milliseconds, "min") => value * 6e4,
        (Quantity::Seconds, "ms" | "msec" | "millisecond" | "milliseconds") => value / 1e3,
        (Quantity::Seconds, "min") => value * 60.0,
        (Quantity::Semitones, "oct" | "octave" | "octaves") => value * 12.0,
        (Quantity::Semitones, "ct" | "cent" | "cents") => value / 100.0,
        (Quantity::Percent | Quantity::Factor | Quantity::Gain, "x" | "\u{D7}")
        | (Quantity::Factor | Quantity::Number | Quantity::Key, "")
        | (Quantity::Hertz, "" | "hz" | "hertz")
        | (Quantity::Milliseconds, "" | "ms" | "msec" | "millisecond" | "milliseconds")
        | (Quantity::Seconds, "" | "s" | "sec" | "second" | "seconds")
        | (Quantity::Semitones, "" | "st" | "semi" | "semis" | "semitone" | "semitones")
        | (Quantity::Decibels, "" | "db" | "dba" | "db(a)" | "dbfs")
        | (Quantity::Deviations, "" | "sd" | "\u{3C3}") => value,
        _ => return None,
    };
    Some(value as f32)
}

/// In small letters, with the hyphen for a minus, without spaces and what parts thousands.
fn tidy(text: &str) -> String {
    let letters = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '\'' | '\u{2019}' | '_'));
    let plain = letters.map(|letter| if matches!(letter, '\u{2212}' | '\u{2013}') { '-' } else { letter });
    plain.flat_map(char::to_lowercase).collect()
}

/// A number with a point or a comma for its decimals; the second one is what it is if that comma parts thousands.
fn numbers(text: &str) -> Option<[Option<f64>; 2]> {
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() > 1
        || unsigned.contains(['+', '-'])
        || !unsigned.contains(|l: char| l.is_ascii_digit())
    {
        return None;
    }
    let number = |text: &str| text.parse::<f64>().ok();
    let marks = |mark| unsigned.matches(mark).count();
    let (commas, points) = (marks(','), marks('.'));
    // Marks that part thousands, each with three digits after it.
    let parted = |mark: char| {
        let whole = unsigned.split(if mark == ',' { '.' } else { ',' }).next().unwrap_or_default();
        let mut groups = whole.split(mark);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
    };
    match (commas, points) {
        (0, 0 | 1) => Some([number(text), None]),
        (1, 0) => {
            Some([number(&text.replace(',', ".")), parted(',').then(|| number(&text.replace(',', ""))).flatten()])
        }
        (_, 0 | 1) if text.rfind('.') >= text.rfind(',') || points == 0 => {
            parted(',').then(|| [number(&text.replace(',', "")), None])
        }
        (0 | 1, _) => parted('.').then(|| [number(&text.replace('.', "").replace(',', ".")), None]),
        _ => None,
    }
}

/// A key by its name, with cents after it.
fn key(text: &str) -> Option<f64> {
    let mut letters = text.chars();
    let step = match letters.next()? {
        'c' => 0.0,
        'd' => 2.0,
        'e' => 4.0,
        'f' => 5.0,
        'g' => 7.0,
        'a' => 9.0,
        'b' => 11.0,
        _ => return None,
    };
    let rest = letters.as_str();
    let accidental = match rest.chars().next()? {
        '#' | '\u{266F}' => 1.0,
        'b' | '\u{266D}' => -1.0,
        _ => 0.0,
    };
    let rest = if accidental == 0.0 { rest } else { &rest[rest.chars().next()?.len_utf8()..] };
    // The first sign may be the octave's.
    let sign = rest.char_indices().skip(1).find(|(_, letter)| matches!(letter, '+' | '-'));
    let end = sign.map_or(rest.len(), |(at, _)| at);
    let (octave, cents) = rest.split_at(end);
    let octave: i32 = octave.parse().ok()?;
    let cents = match cents {
        "" => 0.0,
        cents => numbers(cents.trim_end_matches(|letter: char| letter.is_alphabetic()))?[0]?,
    };
    (-2..=10).contains(&octave).then(|| f64::from(12 * (octave + 1)) + step + accidental + cents / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: [f32; 2] = [-1e6, 1e6];

    /// What is read of each text, beside what should be.
    #[track_caller]
    fn all(quantity: Quantity, range: [f32; 2], said: &[(&str, f32)]) {
        for &(text, wanted) in said {
            let read = read(text, quantity, range);
            assert!(
                read.is_some_and(|value| (value - wanted).abs() <= 1e-4 * wanted.abs().max(0.01)),
                "{text}: {read:?}"
            );
        }
    }

    #[test]
    fn a_frequency_is_typed_with_k_comma_blank_or_as_a_note() {
        let range = [20.0, 18_000.0];
        let said =
            [("1k", 1000.0), ("2k", 2000.0), ("1,5 kHz", 1500.0), ("1.5khz", 1500.0), ("1k5", 1500.0), ("2K2", 2200.0)];
        all(Quantity::Hertz, range, &said);
        let said =
            [("440", 440.0), ("440Hz", 440.0), (" 440,5 hz ", 440.5), ("+60", 60.0), ("A4", 440.0), ("c#4", 277.1826)];
        all(Quantity::Hertz, range, &said);
        let said = [
            ("Bb3", 233.0819),
            ("A4 +50 ct", 452.893),
            ("a4-50", 427.4741),
            ("1,000", 1000.0),
            ("12,500 Hz", 12_500.0),
        ];
        all(Quantity::Hertz, range, &said);
        let said = [("1.000,5", 1000.5), ("1,000.5", 1000.5), ("1'500", 1500.0), ("1 500 Hz", 1500.0), ("20,5", 20.5)];
        all(Quantity::Hertz, range, &said);
        all(Quantity::Hertz, [400.0, 480.0], &[("440,125", 440.125)]);
    }

    #[test]
    fn times_intervals_levels_and_shares_take_the_units_of_their_kind() {
        let said =
            [("200ms", 200.0), ("200", 200.0), ("0,2 s", 200.0), (".5s", 500.0), ("1 sec", 1000.0), ("250 us", 0.25)];
        all(Quantity::Milliseconds, WIDE, &said);
        let said = [
            ("-1 oct", -12.0),
            ("1oct", 12.0),
            ("-6,5", -6.5),
            ("\u{2212}6.5 st", -6.5),
            ("50 cents", 0.5),
            ("7", 7.0),
        ];
        all(Quantity::Semitones, WIDE, &said);
        all(
            Quantity::Decibels,
            [-60.0, 24.0],
            &[("-6,5", -6.5), ("-6.5dB", -6.5), ("\u{2013}3 dBFS", -3.0), ("-inf", -60.0)],
        );
        all(
            Quantity::Gain,
            [0.001, 16.0],
            &[("0", 1.0), ("-6 dB", 0.501_187), ("2x", 2.0), ("50 %", 0.5), ("-inf dB", 0.001)],
        );
        all(Quantity::Percent, WIDE, &[("50", 0.5), ("50%", 0.5), ("12,5 %", 0.125), ("-20 %", -0.2), ("0.5x", 0.5)]);
        all(Quantity::Factor, WIDE, &[("1.5", 1.5), ("1,5 x", 1.5), ("150 %", 1.5)]);
        all(Quantity::Seconds, WIDE, &[("2", 2.0), ("200 ms", 0.2), ("1,5 s", 1.5), ("1 min", 60.0)]);
        all(Quantity::Deviations, WIDE, &[("1,2", 1.2), ("-1.2 sd", -1.2)]);
        all(Quantity::Number, WIDE, &[("12", 12.0), ("2k", 2000.0)]);
        all(Quantity::Key, WIDE, &[("60.5", 60.5), ("C4", 60.0), ("C#4 \u{2212}22 ct", 60.78), ("b-1", 11.0)]);
    }

    #[test]
    fn what_means_nothing_is_no_value() {
        let anywhere = [
            "", " ", "k", "Hz", ".", ",", "-", "--6", "6-", "1..5", "1.5.2", "1,5,2", "one", "nan", "inf", "1e3",
            "0x10", "5 apples",
        ];
        let quantities = [
            Quantity::Number,
            Quantity::Percent,
            Quantity::Factor,
            Quantity::Hertz,
            Quantity::Milliseconds,
            Quantity::Seconds,
            Quantity::Semitones,
            Quantity::Decibels,
            Quantity::Gain,
            Quantity::Key,
            Quantity::Deviations,
        ];
        for quantity in quantities {
            for text in anywhere {
                assert_eq!(read(text, quantity, WIDE), None, "{text:?} as {quantity:?}");
            }
        }
        let of_another = [
            (Quantity::Hertz, "200 ms"),
            (Quantity::Milliseconds, "1 kHz"),
            (Quantity::Semitones, "3 dB"),
            (Quantity::Decibels, "1k"),
            (Quantity::Percent, "A4"),
            (Quantity::Hertz, "h4"),
            (Quantity::Hertz, "c"),
            (Quantity::Hertz, "1.2k5"),
            (Quantity::Percent, "-inf"),
        ];
        for (quantity, text) in of_another {
            assert_eq!(read(text, quantity, WIDE), None, "{text:?} as {quantity:?}");
        }
    }
}
