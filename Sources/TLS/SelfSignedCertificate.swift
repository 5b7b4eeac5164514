import COpenSSL

/// A certificate that vouches for itself, for trying things out.
package enum SelfSignedCertificate {
    /// A fresh EC P-256 key and a certificate for it, both PEM.
    ///
    /// The certificate is its own authority, so that a client that is given it as CA file accepts it.
    ///
    /// - Parameters:
    ///   - hosts: DNS names and numeric IP addresses for the subject alternative name; not empty.
    ///   - validDays: from an hour ago on, so that clocks may differ a little.
    /// - Returns: certificate and unencrypted key.
    /// - Throws: ``TLSError/library(_:)``, for instance when a host is no name that a certificate can have.
    package static func make(
        hosts: [String],
        validDays: Int
    ) throws(TLSError) -> (certificatePEM: String, keyPEM: String) {
        ERR_clear_error()
        // OpenSSL reads the list as configuration text, in which a comma or colon would begin another name.
        guard hosts.allSatisfy({ isAddress($0) || isName($0) }) else {
            throw .library("a host is neither a DNS name nor a numeric address")
        }
        guard let key = unsafe copenssl_make_p256_key() else { throw .library(TLSError.takeReason()) }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe X509_new() else { throw .library(TLSError.takeReason()) }
        defer { unsafe X509_free(certificate) }

        let alternativeNames = hosts.map { (isAddress($0) ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
        let isComplete =
            unsafe X509_set_version(certificate, 2) == 1
            && setSerialNumber(of: certificate)
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nil
            && X509_time_adj_ex(X509_getm_notAfter(certificate), Int32(validDays), 0, nil) != nil
            && X509_set_pubkey(certificate, key) == 1
            && setNames(of: certificate, commonName: hosts.first ?? "")
            && add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", to: certificate)
            && add(NID_key_usage, "critical,digitalSignature,keyCertSign", to: certificate)
            && add(NID_ext_key_usage, "serverAuth", to: certificate)
            && add(NID_subject_key_identifier, "hash", to: certificate)
            && add(NID_subject_alt_name, alternativeNames, to: certificate)
            && X509_sign(certificate, key, EVP_sha256()) > 0
        guard isComplete else { throw .library(TLSError.takeReason()) }

        let certificatePEM = unsafe PEMText.make { unsafe PEM_write_bio_X509($0, certificate) == 1 }
        let keyPEM = unsafe PEMText.make {
            unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) == 1
        }
        guard let certificatePEM, let keyPEM else { throw .library(TLSError.takeReason()) }
        return (certificatePEM, keyPEM)
    }

    private static func isAddress(_ host: String) -> Bool {
        guard let address = unsafe a2i_IPADDRESS(host) else {
            ERR_clear_error()
            return false
        }
        unsafe ASN1_OCTET_STRING_free(address)
        return true
    }

    private static func isName(_ host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// 159 random bits: positive and within 20 octets (RFC 5280 §4.1.2.2).
    private static func setSerialNumber(of certificate: OpaquePointer) -> Bool {
        guard let number = unsafe BN_new() else { return false }
        defer { unsafe BN_free(number) }
        return unsafe BN_rand(number, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private static func setNames(of certificate: OpaquePointer, commonName: String) -> Bool {
        guard let name = unsafe X509_NAME_new() else { return false }
        defer { unsafe X509_NAME_free(name) }
        // RFC 5280 appendix A.1 allows 64 characters; the names that count are the alternative ones.
        return unsafe X509_NAME_add_entry_by_txt(
            name,
            "CN",
            MBSTRING_UTF8,
            String(commonName.prefix(64)),
            -1,
            -1,
            0
        ) == 1
            && X509_set_subject_name(certificate, name) == 1
            && X509_set_issuer_name(certificate, name) == 1
    }

    private static func add(_ identifier: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
        guard let `extension` = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
            return false
        }
        defer { unsafe X509_EXTENSION_free(`extension`) }
        return unsafe X509_add_ext(certificate, `extension`, -1) == 1
    }
}
