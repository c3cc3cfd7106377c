//! The packages that ship with this version: examined by whoever built it, and not again by each musician.

/// SHA-256 of their manifests, in the order of their names. A test compares them with `models/`.
const HASHES: [&str; 21] = [
    // cello-codes
    "dddbfa81c9edfdeec8ddb5dfaed6f0e1b60a978bf8979887dcd52d9a908fd2a6",
    // cello-live
    "e952e469485a7d6304aeb0a8fc91d59c0c22f7b2a48f08f54e7b9271b32f5acd",
    // cello
    "8fd7d370e2657190eb6b60800cad04487056b876872274098c8734369ddc4f72",
    // choir
    "9009c3fc79faef0cd47d704306a194a93480db6cafe7143340e6940b478f74f1",
    // clarinet-codes
    "845e993bfc24ec8d4f5d751abae54b7b99f2f541f44760e57f4a07d088ae5546",
    // clarinet
    "0d7753aeaa042515fc27a159f237fddfc7990456f5db1b5f38dc4d3098db2b7b",
    // drums-live
    "97eee8ae0685230834e0d61adfbca00fe1e7beefa1815825b4dd29093bc9add4",
    // drums
    "b8e4dc31de0f76a64c65a181dde23f9a60ab1f3c94c047260cf4ab48a8460020",
    // flute-codes
    "c676600da79411242c34da38fb7f85c3f2fc432a3870a116463393b7a8460bc3",
    // flute
    "fe542ca3358270326b09bc2cc71f6ec033f662a8671fc0c7d6ab9490bd303566",
    // guitar
    "52db368b48d2ff6fb195b19ac29c4ebfed6e74903d977eeccdbb053faa1cf12d",
    // horn-codes
    "3837827bb99ac59d33d8ad0c3f9d6e5e7afd5017fefee900f8e855a6c42ba1a9",
    // horn
    "5e0817497e91189fbc01e0fd0e6fa03cb7290d9e46dee5dbcd97e4789b603348",
    // notes
    "8f1ca301174006bd8a0e0d398c7cd2689576896bd3e754dd5e9de2666a0628ad",
    // scream
    "2193518b088da8b7b137d5bd60ab9b2ae27926ad00d434f00730061c40f521ea",
    // strings
    "79b3b552fa8581dbf6c659ddf2ed0da9dbc66932307a4acd073eeeeb6ca0689a",
    // synth
    "95da8e55971bff261040cc641951f4df8aac6d7c6fb9e14bf8500ea014fce893",
    // trombone
    "bfa82392ce5380e9be51db92df92f685710833a2e8199f0998258a5a16a89d0e",
    // voice-codes
    "c7286a8309991eb646f36383ef8eae27107dce1f7a3257a4bcdc0f5664a18499",
    // voice
    "01c11bc246b66dbd20e695748d7c4dfe8e72edfac330ec5ae759fefdb2fe9164",
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
