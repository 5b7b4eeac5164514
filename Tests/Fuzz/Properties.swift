/// Ends the process if a property does not hold, so that libFuzzer keeps the input.
func hold(
    _ condition: Bool,
    _ claim: @autoclosure () -> String,
    file: StaticString = #file,
    line: UInt = #line
) {
    guard condition else { fatalError("This does not hold: \(claim())", file: file, line: line) }
}

/// Numbers that follow from an input, so that a seed in the repository is no more than what a client sends, and an input
/// repeats what it did.
struct InputNumbers {
    private var state: UInt64

    /// FNV-1a.
    init(_ bytes: [UInt8]) {
        state = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// A number from 0 up to `bound`, which it is below.
    mutating func next(below bound: Int) -> Int {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(bound))
    }

    /// The sizes of the pieces in which the input's bytes arrive in turn: all at once, one by one, and anyhow.
    mutating func pieceSizes(_ byteCount: Int) -> [[Int]] {
        let most = max(1, byteCount)
        return [[most], [1], [1 + next(below: most), 1 + next(below: 7), 1 + next(below: most)]]
    }
}
