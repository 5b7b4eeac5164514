import JSON
import SCIM
import Testing

/// A body as clients send one: the given members behind `schemas` and the required attributes.
func body(_ members: String, of type: ResourceType = .user) -> String {
    let required = type.name == "User" ? #""userName":"bjensen""# : #""displayName":"Tour Guides""#
    return #"{"schemas":["\#(type.schema.id)"],\#(required)\#(members.isEmpty ? "" : ",")\#(members)}"#
}

func decode(
    _ text: String,
    as type: ResourceType = .user,
    _ profile: Profile = .default
) throws -> DecodedResource {
    try ResourceDecoder.decode(json(text), as: type, profile)
}

/// Decodes a body with the given members, and gives what is kept of it beside the required attribute.
func kept(_ members: String, of type: ResourceType = .user) throws -> JSONObject {
    var attributes = try decode(body(members, of: type), as: type).resource.attributes
    attributes[type.name == "User" ? "userName" : "displayName"] = nil
    return attributes
}

/// What a refusal says; nil if nothing is refused.
func refusal(_ text: String, as type: ResourceType = .user) throws -> SCIMError? {
    let value = try json(text)
    do throws(SCIMError) {
        _ = try ResourceDecoder.decode(value, as: type, .default)
        return nil
    } catch { return error }
}

/// Attributes of every data type, for what the core schemas have no example of.
let printer = ResourceType(
    name: "Printer",
    endpoint: "/Printers",
    description: "",
    schema: Schema(
        id: "urn:example:Printer",
        name: "Printer",
        description: "",
        attributes: [
            AttributeDefinition(
                "serial",
                description: "",
                required: true,
                caseExact: true,
                uniqueness: .server
            ),
            AttributeDefinition("pages", .integer, description: ""),
            AttributeDefinition("price", .decimal, description: ""),
            AttributeDefinition("installed", .dateTime, description: ""),
            AttributeDefinition("colour", .boolean, description: ""),
            AttributeDefinition("page", .reference, description: "", referenceTypes: ["external"]),
            AttributeDefinition("key", .binary, description: "", returned: .request),
            AttributeDefinition("pin", description: "", mutability: .writeOnly, returned: .never),
            AttributeDefinition("labels", multiValued: true, description: ""),
            AttributeDefinition("model", description: "", returned: .always),
            AttributeDefinition(
                "trays",
                .complex,
                multiValued: true,
                description: "",
                subAttributes: [
                    AttributeDefinition("name", description: "", required: true, returned: .always),
                    AttributeDefinition("sizes", multiValued: true, description: ""),
                    AttributeDefinition("code", description: "", returned: .request),
                    AttributeDefinition("lock", description: "", returned: .never),
                    AttributeDefinition("count", .integer, description: ""),
                ]
            ),
        ]
    ),
    extensions: [
        .init(
            schema: Schema(
                id: "urn:example:Place",
                name: "Place",
                description: "",
                attributes: [
                    AttributeDefinition("room", description: "", required: true),
                    AttributeDefinition("door", description: "", returned: .request),
                    AttributeDefinition("alarm", description: "", mutability: .writeOnly, returned: .never),
                    AttributeDefinition("site", description: "", returned: .always),
                ]
            ),
            required: true
        )
    ]
)

/// A printer's body: the given members behind what is required.
func printerBody(_ members: String) -> String {
    #"{"schemas":["urn:example:Printer"],"serial":"S-1","urn:example:Place":{"room":"4"}"#
        + (members.isEmpty ? "}" : ",\(members)}")
}
