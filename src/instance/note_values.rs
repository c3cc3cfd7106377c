//! Durations in the host's tempo, to be chosen. An id is never renamed or reused once released.

use nih_plug::prelude::*;

/// A choice of durations: first the one without, then each with its id, its name and its length in quarter notes.
macro_rules! note_values {
    ($(#[$about:meta])* $choice:ident: $none:ident $none_id:tt, $($value:ident $id:tt $name:tt $beats:literal,)*) => {
        $(#[$about])*
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the name of its duration")]
        pub enum $choice {
            #[id = $none_id]
            $none,
            $(#[id = $id] #[name = $name] $value,)*
        }

        impl $choice {
            /// Length in quarter notes; `None` without.
            pub fn beats(self) -> Option<f32> {
                match self {
                    Self::$none => None,
                    $(Self::$value => Some($beats),)*
                }
            }
        }
    };
}

note_values! {
    /// The feedback loop's delay, or milliseconds.
    DelaySync: Off "off",
    SixtyFourth "1/64" "1/64" 0.0625,
    ThirtySecond "1/32" "1/32" 0.125,
    Sixteenth "1/16" "1/16" 0.25,
    Eighth "1/8" "1/8" 0.5,
    DottedEighth "1/8d" "1/8 dotted" 0.75,
    Quarter "1/4" "1/4" 1.0,
    Half "1/2" "1/2" 2.0,
}

note_values! {
    /// The cycle of an oscillator or of the drawn curve, or a rate of its own.
    Period: Free "free",
    Sixteenth "1/16" "1/16" 0.25,
    Eighth "1/8" "1/8" 0.5,
    Quarter "1/4" "1/4" 1.0,
    Half "1/2" "1/2" 2.0,
    Whole "4/4" "4/4" 4.0,
    Two "8/4" "2 x 4/4" 8.0,
    Four "16/4" "4 x 4/4" 16.0,
    Eight "32/4" "8 x 4/4" 32.0,
}
