import JSON
import TLS
import TestSupport
import Testing

@Suite("Signatures")
struct VerificationKeyTests {
    private static let message = Array("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0".utf8)

    private func key(for algorithm: SignatureAlgorithm) -> SigningKey {
        algorithm == .es256 ? .p256 : .rsa
    }

    @Test(
        "RFC 7518 §3: a signature is accepted by its key; with one bit changed in it or in the message, it is not",
        arguments: SignatureAlgorithm.allCases
    )
    func oneBit(algorithm: SignatureAlgorithm) throws {
        let key = key(for: algorithm)
        let verifier = try key.verificationKey()
        let signature = key.sign(Self.message, by: algorithm)
        #expect(verifier.verifies(signature, of: Self.message, by: algorithm))
        for position in stride(from: 0, to: signature.count * 8, by: 37) {
            var changed = signature
            changed[position / 8] ^= 1 << (position % 8)
            #expect(!verifier.verifies(changed, of: Self.message, by: algorithm), "bit \(position)")
        }
        for position in stride(from: 0, to: Self.message.count * 8, by: 37) {
            var changed = Self.message
            changed[position / 8] ^= 1 << (position % 8)
            #expect(!verifier.verifies(signature, of: changed, by: algorithm), "bit \(position)")
        }
        for other in [[], Array(signature.dropLast()), signature + [0], [0] + signature] {
            #expect(!verifier.verifies(other, of: Self.message, by: algorithm))
        }
    }

    @Test("A signature is good for its algorithm alone", arguments: SignatureAlgorithm.allCases)
    func otherAlgorithm(algorithm: SignatureAlgorithm) throws {
        let signature = key(for: algorithm).sign(Self.message, by: algorithm)
        for other in SignatureAlgorithm.allCases {
            for signer in [SigningKey.rsa, .p256, .otherRSA] {
                let isRight = other == algorithm && signer === key(for: algorithm)
                let verifier = try signer.verificationKey()
                #expect(verifier.verifies(signature, of: Self.message, by: other) == isRight, "\(other)")
            }
        }
    }

    @Test("An ECDSA signature is two numbers: DER, and numbers of zero, are refused")
    func ecdsaForm() throws {
        let verifier = try SigningKey.p256.verificationKey()
        #expect(!verifier.verifies([UInt8](repeating: 0, count: 64), of: Self.message, by: .es256))
        #expect(!verifier.verifies([UInt8](repeating: 0xFF, count: 64), of: Self.message, by: .es256))
        #expect(!verifier.verifies([0x30, 0x06, 2, 1, 1, 2, 1, 1], of: Self.message, by: .es256))
    }

    @Test("RFC 7518 §3.3: RSA keys have 2048 to 8192 bits", arguments: [0, 1, 1_024, 2_047, 8_193, 16_384])
    func rsaSize(bits: Int) throws {
        func modulus(_ bits: Int) -> [UInt8] {
            guard bits > 0 else { return [0, 0] }
            var bytes = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
            bytes[0] >>= UInt8(bytes.count * 8 - bits)
            return bytes
        }
        #expect(throws: KeyError.size(bits: bits)) {
            try VerificationKey.rsa(modulus: modulus(bits), exponent: [1, 0, 1])
        }
        for good in [2_048, 2_049, 8_192] {
            // A zero in front is no bit.
            _ = try VerificationKey.rsa(modulus: [0] + modulus(good), exponent: [1, 0, 1])
        }
    }

    @Test(
        "An even modulus or exponent, an exponent of 1 and one too long are refused",
        arguments: [
            (false, [1, 0, 1]), (true, []), (true, [0]), (true, [1]), (true, [2]), (true, [1, 0, 0]),
            (true, [1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] as [(Bool, [UInt8])]
    )
    func rsaNumbers(isOdd: Bool, exponent: [UInt8]) {
        var modulus = SigningKey.rsa.modulus
        if !isOdd { modulus[modulus.count - 1] &= 0xFE }
        #expect(throws: KeyError.weak) {
            try VerificationKey.rsa(modulus: modulus, exponent: exponent)
        }
    }

    @Test("Coordinates that are no point on P-256 are refused")
    func notOnCurve() throws {
        let (x, y) = SigningKey.p256.coordinates
        _ = try VerificationKey.p256(x: x, y: y)
        var changed = y
        changed[31] ^= 1
        for (x, y) in [
            (x, changed), (x, Array(y.dropFirst())), (x + [0], y), ([], []),
            ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 32)),
        ] {
            #expect(throws: KeyError.notOnCurve) { try VerificationKey.p256(x: x, y: y) }
        }
    }

    @Test("RFC 7515 appendix A.2 and A.3: the signatures of the examples are accepted")
    func examples() throws {
        let payload =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.bytes(text)) }
        let rsa = try VerificationKey.rsa(
            modulus: bytes(
                "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx"
                    + "HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
                    + "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSH"
                    + "SXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
                    + "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8"
                    + "NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
            ),
            exponent: bytes("AQAB")
        )
        let rsaSignature = try bytes(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
                + "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
                + "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
                + "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
                + "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
                + "p0igcN_IoypGlUPQGe77Rw"
        )
        #expect(
            rsa.verifies(rsaSignature, of: Array("eyJhbGciOiJSUzI1NiJ9.\(payload)".utf8), by: .rs256)
        )
        let p256 = try VerificationKey.p256(
            x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        )
        let p256Signature = try bytes(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        )
        #expect(
            p256.verifies(p256Signature, of: Array("eyJhbGciOiJFUzI1NiJ9.\(payload)".utf8), by: .es256)
        )
    }
}
