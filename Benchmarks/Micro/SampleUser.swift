/// What the benchmarks read and write.
enum SampleUser {
    /// A user as an identity provider pushes it and the server returns it; 1.1 kB.
    static let json = Array(
        #"""
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",\#
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],\#
        "id":"019ab1c2-5d3e-7f40-8a11-2b3c4d5e6f70","externalId":"00u1a2b3c4d5e6f7g8h9",\#
        "meta":{"resourceType":"User","created":"2026-03-02T08:15:30.123Z",\#
        "lastModified":"2026-11-20T17:45:01.456Z","version":"W/\"4711\"",\#
        "location":"https://id.example.com/acme/scim/v2/Users/019ab1c2-5d3e-7f40-8a11-2b3c4d5e6f70"},\#
        "userName":"jörg.weber@example.com",\#
        "name":{"formatted":"Jörg Weber","familyName":"Weber","givenName":"Jörg"},\#
        "displayName":"Jörg Weber","title":"Site Reliability Engineer","preferredLanguage":"de-DE",\#
        "locale":"de-DE","timezone":"Europe/Berlin","active":true,\#
        "emails":[{"value":"joerg.weber@example.com","type":"work","primary":true},\#
        {"value":"jw@example.org","type":"home"}],\#
        "phoneNumbers":[{"value":"+49 30 1234567","type":"work"}],\#
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"004711",\#
        "costCenter":"CC-42","department":"Platform \"Core\"",\#
        "manager":{"value":"019ab1c2-0000-7000-8000-000000000001"}}}
        """#.utf8
    )
}
