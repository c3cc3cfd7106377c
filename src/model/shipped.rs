//! The packages that ship with this version: examined by whoever built it, and not again by each musician.

/// SHA-256 of their manifests, in the order of their names. A test compares them with `models/`.
const HASHES: [&str; 21] = [
    // cello-codes
    "dddbfa81c9edfdeec8ddb5dfaed6f0e1b60a978bf8979887dcd52d9a908fd2a6",
    // cello-live
    "ff3b14c279312d38665286ad33d7db61afb309f31e2e18636c0a5c3d39aed101",
    // cello
    "835a80679637f40b497244e93f755997e54ef9f33875a8b8e346429d44ba1b26",
    // choir
    "37b4246ce69433983bf56874825a1e8119161e3eee42cb4872a40e142c5a36e6",
    // clarinet-codes
    "845e993bfc24ec8d4f5d751abae54b7b99f2f541f44760e57f4a07d088ae5546",
    // clarinet
    "338d696737ec5407ed9727de81b5c352e4cf968d15d723708641754bc5e99631",
    // drums-live
    "bb2d6620fda433b991372af605b285ff1c3371bef872de0f02b98ea57738f63f",
    // drums
    "b8e4dc31de0f76a64c65a181dde23f9a60ab1f3c94c047260cf4ab48a8460020",
    // flute-codes
    "c676600da79411242c34da38fb7f85c3f2fc432a3870a116463393b7a8460bc3",
    // flute
    "d27e5d5ca4b29cd2fe00eb40280917c596d2fe854cfe24474f275dedf413b435",
    // guitar
    "b9d335f46e69d81f5abc5cada49a880e90418683672a6fc2380137943921689b",
    // horn-codes
    "3837827bb99ac59d33d8ad0c3f9d6e5e7afd5017fefee900f8e855a6c42ba1a9",
    // horn
    "3ca102c7e74512757b0db057ff39db2c82abc49ea003033c8f6ae2b79605f57d",
    // notes
    "8f1ca301174006bd8a0e0d398c7cd2689576896bd3e754dd5e9de2666a0628ad",
    // scream
    "7be3553a21d0fd8bbf53b4c642954056d441deef10a33b42446a447b08349379",
    // strings
    "2cd59aa991bec2145023cb69162e02dd5a06b6ce3fb6bd1072e1d1f485f14dfe",
    // synth
    "b3f13ad1772c21f7bf14541fddd70ebce219777f76828c0d05e76725c88d8d2c",
    // trombone
    "1fac3ed33fcca6b831847247deec8677ad03f625438deae2f094f979ed8d6127",
    // voice-codes
    "c7286a8309991eb646f36383ef8eae27107dce1f7a3257a4bcdc0f5664a18499",
    // voice
    "7ba5a9fbecc9bb13b777a4cd42f967e494aee248eac84b4a7dda84e97049cd9a",
    // voices
    "59612bc1e4f67f46c689287c61df8932c21edd39b6f31f49790b3936b0a0ec70",
];

/// Whether the package of this hash ships with this version.
pub(super) fn is_shipped(hash: &str) -> bool {
    HASHES.contains(&hash)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::kinds::Package;

    #[test]
    fn the_packages_in_the_folder_of_models_are_those_that_ship() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let folders = std::fs::read_dir(models).expect("the models").flatten().map(|entry| entry.path());
        let folders = folders.filter(|folder| folder.join("manifest.json").is_file());
        let mut hashes: Vec<String> =
            folders.map(|folder| Package::open(&folder).expect("sound").hash().to_owned()).collect();
        let mut known = HASHES.map(str::to_owned);
        hashes.sort();
        known.sort();
        assert_eq!(hashes, known, "a package was made again: put its hash into this list");
    }
}
