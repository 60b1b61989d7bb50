"""Schemas that vendors import from their home on the web, written from their specifications.

They hold what messages need and no more: SOAP 1.1 (envelope; section 5, encoding), XML 1.0 with its base and id
recommendations, Describing Media Content of Binary Data in XML (W3C note), XOP 1.0, WS-Addressing 1.0, and the
attachment reference of the WS-I Attachments Profile 1.0.
"""

from typing import Final

__all__ = ["WELL_KNOWN"]

_ENCODED_TYPES: Final = (
    "anyURI", "base64Binary", "boolean", "byte", "date", "dateTime", "decimal", "double", "duration", "float",
    "hexBinary", "ID", "IDREF", "int", "integer", "language", "long", "Name", "NCName", "negativeInteger", "NMTOKEN",
    "nonNegativeInteger", "nonPositiveInteger", "normalizedString", "positiveInteger", "QName", "short", "string",
    "time", "token", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort",
)  # fmt: skip
"""Each simple type has a twin of the same name in the namespace of the encoding."""


def _schema(namespace: str, content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"\n'
        f'    xmlns:tns="{namespace}" targetNamespace="{namespace}">{content}</xs:schema>\n'
    ).encode()


def _twins() -> str:
    named = [(name, name) for name in _ENCODED_TYPES] + [("base64", "base64Binary")]
    return "".join(
        f'<xs:simpleType name="{name}"><xs:restriction base="xs:{base}"/></xs:simpleType>'
        for name, base in named
    )


_SOAP_ENCODING: Final = """
  <xs:attribute name="root" type="xs:boolean"/>
  <xs:attribute name="arrayType" type="xs:string"/>
  <xs:attribute name="offset" type="xs:string"/>
  <xs:attribute name="position" type="xs:string"/>
  <xs:attributeGroup name="commonAttributes">
    <xs:attribute name="id" type="xs:ID"/>
    <xs:attribute name="href" type="xs:anyURI"/>
    <xs:anyAttribute namespace="##other" processContents="lax"/>
  </xs:attributeGroup>
  <xs:attributeGroup name="arrayAttributes">
    <xs:attribute ref="tns:arrayType"/>
    <xs:attribute ref="tns:offset"/>
  </xs:attributeGroup>
  <xs:group name="Array">
    <xs:sequence>
      <xs:any namespace="##any" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
    </xs:sequence>
  </xs:group>
  <xs:complexType name="Array">
    <xs:group ref="tns:Array" minOccurs="0"/>
    <xs:attributeGroup ref="tns:arrayAttributes"/>
    <xs:attributeGroup ref="tns:commonAttributes"/>
  </xs:complexType>
"""

_SOAP_ENVELOPE: Final = """
  <xs:attribute name="mustUnderstand" type="xs:boolean"/>
  <xs:attribute name="actor" type="xs:anyURI"/>
  <xs:attribute name="encodingStyle" type="xs:anyURI"/>
  <xs:complexType name="Fault">
    <xs:sequence>
      <xs:element name="faultcode" type="xs:QName" form="unqualified"/>
      <xs:element name="faultstring" type="xs:string" form="unqualified"/>
      <xs:element name="faultactor" type="xs:anyURI" minOccurs="0" form="unqualified"/>
    </xs:sequence>
  </xs:complexType>
  <xs:element name="Fault" type="tns:Fault"/>
"""

_XML: Final = """
  <xs:attribute name="lang" type="xs:string"/>
  <xs:attribute name="space" type="xs:NCName" default="preserve"/>
  <xs:attribute name="base" type="xs:anyURI"/>
  <xs:attribute name="id" type="xs:ID"/>
  <xs:attributeGroup name="specialAttrs">
    <xs:attribute ref="tns:base"/>
    <xs:attribute ref="tns:lang"/>
    <xs:attribute ref="tns:space"/>
    <xs:attribute ref="tns:id"/>
  </xs:attributeGroup>
"""

_XMLMIME: Final = """
  <xs:attribute name="contentType" type="xs:string"/>
  <xs:attribute name="expectedContentTypes" type="xs:string"/>
  <xs:complexType name="base64Binary">
    <xs:simpleContent>
      <xs:extension base="xs:base64Binary"><xs:attribute ref="tns:contentType"/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="hexBinary">
    <xs:simpleContent>
      <xs:extension base="xs:hexBinary"><xs:attribute ref="tns:contentType"/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
"""

_XOP: Final = """
  <xs:complexType name="Include">
    <xs:attribute name="href" type="xs:anyURI" use="required"/>
  </xs:complexType>
  <xs:element name="Include" type="tns:Include"/>
"""

_ADDRESSING: Final = """
  <xs:complexType name="AttributedURIType">
    <xs:simpleContent><xs:extension base="xs:anyURI"/></xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="RelatesToType">
    <xs:simpleContent>
      <xs:extension base="xs:anyURI"><xs:attribute name="RelationshipType" type="xs:anyURI"/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="ReferenceParametersType">
    <xs:sequence><xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  </xs:complexType>
  <xs:complexType name="MetadataType">
    <xs:sequence><xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
  </xs:complexType>
  <xs:complexType name="EndpointReferenceType">
    <xs:sequence>
      <xs:element name="Address" type="tns:AttributedURIType"/>
      <xs:element name="ReferenceParameters" type="tns:ReferenceParametersType" minOccurs="0"/>
      <xs:element name="Metadata" type="tns:MetadataType" minOccurs="0"/>
    </xs:sequence>
  </xs:complexType>
  <xs:attribute name="Action" type="xs:anyURI"/>
  <xs:element name="EndpointReference" type="tns:EndpointReferenceType"/>
  <xs:element name="MessageID" type="tns:AttributedURIType"/>
  <xs:element name="RelatesTo" type="tns:RelatesToType"/>
  <xs:element name="ReplyTo" type="tns:EndpointReferenceType"/>
  <xs:element name="From" type="tns:EndpointReferenceType"/>
  <xs:element name="FaultTo" type="tns:EndpointReferenceType"/>
  <xs:element name="To" type="tns:AttributedURIType"/>
  <xs:element name="Action" type="tns:AttributedURIType"/>
"""

_SWA_REFERENCE: Final = """
  <xs:simpleType name="swaRef"><xs:restriction base="xs:anyURI"/></xs:simpleType>
"""

WELL_KNOWN: Final = {
    namespace: _schema(namespace, content)
    for namespace, content in {
        "http://schemas.xmlsoap.org/soap/encoding/": _SOAP_ENCODING + _twins(),
        "http://schemas.xmlsoap.org/soap/envelope/": _SOAP_ENVELOPE,
        "http://www.w3.org/XML/1998/namespace": _XML,
        "http://www.w3.org/2005/05/xmlmime": _XMLMIME,
        "http://www.w3.org/2004/08/xop/include": _XOP,
        "http://www.w3.org/2005/08/addressing": _ADDRESSING,
        "http://ws-i.org/profiles/basic/1.1/xsd": _SWA_REFERENCE,
    }.items()
}
"""By namespace."""
