"""cidrhost, cidrnetmask, cidrsubnet, cidrsubnets.

Facts from Terraform 1.11 (lang/funcs/cidr.go, internal/ipaddr) and
apparentlymart/go-cidr 1.1. Octets with leading zeros are decimal, as they were before
Go 1.17.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.terraform import number as numbers
from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
    whole_number,
)
from mlsec_lint.terraform.types import NUMBER, STRING

if TYPE_CHECKING:
    from mlsec_lint.value import Value

_MAX_UINT64 = (1 << 64) - 1
_OCTETS = regex(r"\d{1,9}(?:\.\d{1,9}){3}\Z", re.ASCII)


class Network(NamedTuple):
    """A prefix: the address as a number, its length, and 32 or 128 bits in all."""

    address: int
    length: int
    bits: int

    def host_text(self, address: int) -> str:
        """An address as text; an IPv4-mapped IPv6 address as Go shows it."""
        if self.bits == 32:
            return str(ipaddress.IPv4Address(address))
        if address >> 32 == 0xFFFF:
            return str(ipaddress.IPv4Address(address & 0xFFFFFFFF))
        return _ipv6_text(address)

    def text(self) -> str:
        """The prefix as address/length; an IPv4-mapped one as Go shows it."""
        mapped = self.bits == 128 and self.address >> 32 == 0xFFFF
        length = max(self.length - 96, 0) if mapped else self.length
        return f"{self.host_text(self.address)}/{length}"


def _ipv6_text(address: int) -> str:
    """The shortest form, with the dotted form that Python may choose taken out."""
    text = str(ipaddress.IPv6Address(address))
    if "." not in text:
        return text
    head, _, tail = text.rpartition(":")
    low = int(ipaddress.IPv4Address(tail))
    return f"{head}:{low >> 16:x}:{low & 0xFFFF:x}"


def parse_network(text: str) -> Network:
    """The network of a CIDR text, host bits cleared; CallError in Terraform's words."""
    address, slash, length = text.partition("/")
    refused = CallError(f"invalid CIDR expression: invalid CIDR address: {text}")
    if not slash or not re.fullmatch(r"\d{1,4}", length, re.ASCII):
        raise refused
    try:
        if _OCTETS.match(address):
            octets = [int(octet) for octet in address.split(".")]
            number = int(ipaddress.IPv4Address(bytes(octets)))
            bits = 32
        else:
            if "%" in address:
                raise refused
            number = int(ipaddress.IPv6Address(_plain_tail(address)))
            bits = 128
    except ValueError:
        raise refused from None
    size = int(length)
    if size > bits:
        raise refused
    return Network(number >> (bits - size) << (bits - size), size, bits)


def _plain_tail(address: str) -> str:
    """The address with a dotted tail whose octets have no leading zeros."""
    head, colon, tail = address.rpartition(":")
    if colon and _OCTETS.match(tail):
        tail = ".".join(str(int(octet)) for octet in tail.split("."))
    return head + colon + tail


def _big_whole(value: Value) -> int:
    found = numbers.to_integer(value.data)
    if found is None:
        raise CallError("value must be a whole number")
    return found


def _host(args: Args, _call: Call) -> Value:
    wanted = _big_whole(args[1])
    network = parse_network(args[0].data)
    room = 1 << (network.bits - network.length)
    refused = CallError(
        f"prefix of {network.length} does not accommodate a host numbered "
        f"{numbers.decimal_text(wanted)}"
    )
    if not -room <= wanted < room:
        raise refused
    address = network.address + (wanted if wanted >= 0 else room + wanted)
    return values.string(network.host_text(address))


def _netmask(args: Args, _call: Call) -> Value:
    network = parse_network(args[0].data)
    mapped = network.length >= 96 and network.address >> 32 == 0xFFFF
    if network.bits != 32 and not mapped:
        raise CallError(f"IPv6 addresses cannot have a netmask: {args[0].data}")
    mask = ((1 << network.length) - 1) << (network.bits - network.length)
    return values.string(network._replace(bits=network.bits).host_text(mask))


def _subnet(args: Args, _call: Call) -> Value:
    extra = whole_number(args[1], "")
    wanted = _big_whole(args[2])
    network = parse_network(args[0].data)
    length = network.length + extra
    if length > network.bits:
        raise CallError(
            f"insufficient address space to extend prefix of {network.length} by {extra}"
        )
    if length < 0:
        return values.string("<nil>")
    # go-cidr 1.1 compares the lowest 64 bits of the number without its sign, ors the
    # number in two's complement and prints the result without the sign.
    most = (1 << extra) - 1 if 0 <= extra < 64 else _MAX_UINT64
    if abs(wanted) & _MAX_UINT64 > most:
        raise CallError(
            f"prefix extension of {extra} does not accommodate a subnet numbered "
            f"{numbers.decimal_text(wanted)}"
        )
    if wanted.bit_length() > 2 * network.bits:
        raise CallError("panic in function implementation: index out of range")
    address = abs(network.address | wanted << (network.bits - length))
    if address.bit_length() > network.bits:
        raise CallError("panic in function implementation: index out of range")
    return values.string(Network(address, length, network.bits).text())


def _subnets(args: Args, _call: Call) -> Value:
    try:
        network = parse_network(args[0].data)
    except CallError as error:
        raise CallError(error.message, 0) from None
    made: list[Value] = []
    end = network.address
    previous = ""
    for position, arg in enumerate(args[1:], 1):
        extra = whole_number(arg, "", position)
        length = _checked_length(network, extra, position)
        size = 1 << (network.bits - length)
        start = -(-end // size) * size
        last = network.address + (1 << (network.bits - network.length))
        # Address zero is a roll-over to go-cidr.
        if start + size > last or start == 0:
            message = (
                "not enough remaining address space for a subnet with a prefix of "
                f"{length} bits after {previous}"
            )
            raise CallError(message, position)
        end = start + size
        previous = Network(start, length, network.bits).text()
        made.append(values.string(previous))
    return values.list_value(made, STRING)


def _checked_length(network: Network, extra: int, position: int) -> int:
    if extra < 1:
        raise CallError("must extend prefix by at least one bit", position)
    if extra > 32:
        raise CallError("may not extend prefix by more than 32 bits", position)
    length = network.length + extra
    if length > network.bits:
        protocol = "IPv4" if network.bits == 32 else "IPv6"
        message = (
            f"would extend prefix to {length} bits, which is too long for an "
            f"{protocol} address"
        )
        raise CallError(message, position)
    return length


_PREFIX = Parameter("prefix", STRING)

FUNCTIONS = (
    Function("cidrhost", (_PREFIX, Parameter("hostnum", NUMBER)), STRING, _host),
    Function("cidrnetmask", (_PREFIX,), STRING, _netmask),
    Function(
        "cidrsubnet",
        (_PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER)),
        STRING,
        _subnet,
    ),
    Function(
        "cidrsubnets",
        (_PREFIX,),
        types.LIST_OF_STRING,
        _subnets,
        Parameter("newbits", NUMBER),
    ),
)
