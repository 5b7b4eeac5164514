/// Why numbers are no public key that signatures are checked with.
package enum KeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The RSA modulus has this many bits, which are too few or too many.
    case size(bits: Int)
    /// The RSA modulus or exponent is even, or the exponent is no usable number.
    case weak
    /// The coordinates are no point on P-256.
    case notOnCurve
    /// OpenSSL refused something that should always work; with its reason.
    case openSSL(String)

    package var description: String {
        switch self {
        case .size(let bits):
            "the RSA key has \(bits) bits, and only \(VerificationKey.rsaBitsMin) to "
                + "\(VerificationKey.rsaBitsMax) are accepted"
        case .weak: "the RSA key's modulus or exponent is not what an RSA key has"
        case .notOnCurve: "the coordinates are no point on the curve P-256"
        case .openSSL(let reason): "OpenSSL refused the key (\(reason))"
        }
    }
}
