"""A WSDL in rpc style, literal or encoded, for either version of SOAP: one letter with files, and tags beside it."""

from pathlib import Path
from typing import Final, Literal

__all__ = ["rpc_wsdl"]

_BINDINGS: Final = {
    "1.1": "http://schemas.xmlsoap.org/wsdl/soap/",
    "1.2": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
_LISTS: Final = {
    "literal": """
      <xsd:complexType name="Files">
        <xsd:sequence><xsd:element name="file" type="tns:File" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>
      </xsd:complexType>
      <xsd:complexType name="Tags">
        <xsd:sequence><xsd:element name="tag" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>
      </xsd:complexType>""",
    "encoded": """
      <xsd:complexType name="Files"><xsd:complexContent><xsd:restriction base="soapenc:Array">
        <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="tns:File[]"/>
      </xsd:restriction></xsd:complexContent></xsd:complexType>
      <xsd:complexType name="Tags"><xsd:complexContent><xsd:restriction base="soapenc:Array">
        <xsd:attribute ref="soapenc:arrayType" wsdl:arrayType="xsd:string[]"/>
      </xsd:restriction></xsd:complexContent></xsd:complexType>""",
}
_TEXT: Final = """<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="{binding}"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"
    xmlns:tns="urn:rpc" targetNamespace="urn:rpc">
  <wsdl:types>
    <xsd:schema targetNamespace="urn:rpc">
      <xsd:import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>{lists}
      <xsd:complexType name="File"><xsd:sequence>
        <xsd:element name="name" type="xsd:string"/><xsd:element name="content" type="xsd:base64Binary"/>
      </xsd:sequence></xsd:complexType>
      <xsd:complexType name="Letter"><xsd:sequence>
        <xsd:element name="subject" type="xsd:string"/><xsd:element name="urgent" type="xsd:boolean"/>
        <xsd:element name="files" type="tns:Files"/>
      </xsd:sequence></xsd:complexType>
      <xsd:complexType name="Registration"><xsd:sequence>
        <xsd:element name="number" type="xsd:string"/><xsd:element name="echo" type="xsd:string"/>
        <xsd:element name="names" type="tns:Tags"/>
      </xsd:sequence></xsd:complexType>
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="registerIn">
    <wsdl:part name="letter" type="tns:Letter"/><wsdl:part name="tags" type="tns:Tags"/>
  </wsdl:message>
  <wsdl:message name="registerOut"><wsdl:part name="registration" type="tns:Registration"/></wsdl:message>
  <wsdl:portType name="Rpc"><wsdl:operation name="register">
    <wsdl:input message="tns:registerIn"/><wsdl:output message="tns:registerOut"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="Rpc" type="tns:Rpc">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="register">
      <soap:operation soapAction="urn:rpc/register"/>
      <wsdl:input><soap:body namespace="urn:rpc" {use}/></wsdl:input>
      <wsdl:output><soap:body namespace="urn:rpc" {use}/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="Rpc">
    <wsdl:port name="Rpc" binding="tns:Rpc"><soap:address location="http://localhost/"/></wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""


def rpc_wsdl(
    folder: Path,
    version: Literal["1.1", "1.2"],
    use: Literal["literal", "encoded"],
    encoding: str | None = None,
) -> Path:
    """Write the WSDL and return its path. ``encoding`` is the URI of the encoding, where the WSDL names one."""
    told = f'use="{use}"' + (f' encodingStyle="{encoding}"' if encoding else "")
    path = folder / "rpc.wsdl"
    path.write_text(_TEXT.format(binding=_BINDINGS[version], lists=_LISTS[use], use=told), encoding="utf-8")
    return path
