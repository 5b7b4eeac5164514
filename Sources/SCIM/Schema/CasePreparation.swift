import Foundation

/// The one form in which texts are compared, indexed and kept unique where case does not matter.
///
/// RFC 7644 §7.8 asks for a preparation in the manner of PRECIS (RFC 8265 §3.3): compatibility composition, which also maps
/// width, and full case folding. In full:
///
/// 1. ASCII is put into lower case and is done.
/// 2. Otherwise: NFKC; each scalar to lower, upper and lower case again, which unites ß with ss, ς with σ and the
///    Kelvin sign with k; NFKC once more, since folding can undo it. The dotless ı stays apart from i, as Unicode's
///    case folding has it.
///
/// Uniqueness, index keys, filters, sorting and the sameness of elements all use it, so that a filter finds whatever
/// uniqueness refuses. Attributes that are caseExact, such as `externalId`, are compared byte by byte and never prepared.
package enum CasePreparation {
    /// Prepares a text.
    ///
    /// Preparing what is prepared changes nothing; no locale plays a part.
    package static func prepare(_ text: String) -> String {
        var isPrepared = true
        var all: UInt8 = 0
        let bytes = text.utf8.span
        for index in bytes.indices {
            all |= bytes[index]
            if bytes[index] &- UInt8(ascii: "A") < 26 { isPrepared = false }
        }
        let isASCII = all < 0x80
        guard !isASCII else { return isPrepared ? text : lowerCased(ascii: text) }
        var prepared = pass(text)
        // Two scalars of Unicode need a second pass to come to rest.
        for _ in 0..<passesMax {
            let next = pass(prepared)
            if next.utf8.elementsEqual(prepared.utf8) { break }
            prepared = next
        }
        return prepared
    }

    private static let passesMax = 3
    private static let dotlessI: Unicode.Scalar = "\u{131}"

    private static func lowerCased(ascii text: String) -> String {
        String(
            decoding: text.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }

    private static func pass(_ text: String) -> String {
        compose(fold(compose(text)))
    }

    private static func compose(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping
    }

    private static func fold(_ text: String) -> String {
        var folded = ""
        for scalar in text.unicodeScalars {
            guard scalar != dotlessI else {
                folded.unicodeScalars.append(scalar)
                continue
            }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars {
                guard lower != dotlessI else {
                    folded.unicodeScalars.append(lower)
                    continue
                }
                for upper in lower.properties.uppercaseMapping.unicodeScalars {
                    folded += upper.properties.lowercaseMapping
                }
            }
        }
        return folded
    }
}
