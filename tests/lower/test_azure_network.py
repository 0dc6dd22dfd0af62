"""Azure networks: what leads out of subnets, through what, and who lies in them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.estate import Estate
from mlsec_lint.lower.azure import lower_azure
from mlsec_lint.lower.azure.network import lower_azure_network
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.trace import trace
from mlsec_lint.trace.reach import reaches

BASE = """
variable "x" {}
resource "azurerm_virtual_network" "v" {
  name                = "v"
  location            = "westeurope"
  resource_group_name = "rg"
  address_space       = ["10.40.0.0/16"]
}
resource "azurerm_subnet" "s" {
  name                 = "s"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.40.0.0/20"]
  SUBNET
}
resource "azurerm_network_interface" "n" {
  name                = "n"
  location            = "westeurope"
  resource_group_name = "rg"
  ip_configuration {
    name      = "i"
    subnet_id = azurerm_subnet.s.id
    CARD
  }
}
resource "azurerm_linux_virtual_machine" "m" {
  name                  = "m"
  resource_group_name   = "rg"
  location              = "westeurope"
  size                  = "Standard_NC24ads_A100_v4"
  network_interface_ids = [azurerm_network_interface.n.id]
}
"""
PRIVATE = "default_outbound_access_enabled = false"
MACHINE = "azurerm_linux_virtual_machine.m"


def estate_of(folder, *texts):
    for number, text in enumerate(texts):
        (folder / f"f{number}.tf").write_text(dedent(text), encoding="utf-8")
    tree = discover(str(folder))
    inputs = Inputs(tree, evaluate_roots(tree))
    estate = Estate()
    lower_azure(inputs, estate)
    trace(estate, between=lambda: lower_azure_network(inputs, estate))
    return estate


def outs(estate, address=MACHINE):
    """(sink, name, certain) of every way out; stores are part of the internet."""
    workload = estate.find("workload", address)
    found = [
        (out.sink, out.name, out.unknown is None) for out in reaches(estate, workload)
    ]
    whole = any(sink == "internet" for sink, _, _ in found)
    kept = [one for one in found if not (whole and one[0] == "any-store")]
    return list(dict.fromkeys(kept))


def machine(folder, *more, subnet=PRIVATE, card=""):
    base = BASE.replace("SUBNET", subnet).replace("CARD", card)
    return outs(estate_of(folder, base, *more))


INTERNET = ("internet", "", True)
PERHAPS = ("internet", "", False)


@pytest.mark.parametrize(
    ("subnet", "card", "expected"),
    [
        ("", "", [INTERNET]),
        (PRIVATE, "", []),
        ("default_outbound_access_enabled = var.x", "", [PERHAPS]),
        (PRIVATE, "public_ip_address_id = azurerm_public_ip.p.id", [INTERNET]),
        (PRIVATE, "public_ip_address_id = var.x", [PERHAPS]),
    ],
)
def test_a_subnet_needs_a_way_to_the_internet(tmp_path, subnet, card, expected):
    address = 'resource "azurerm_public_ip" "p" {\n  name = "p"\n}\n'

    assert machine(tmp_path, address, subnet=subnet, card=card) == expected


NAT = """
resource "azurerm_nat_gateway" "g" {
  name                = "g"
  location            = "westeurope"
  resource_group_name = "rg"
}
resource "azurerm_subnet_nat_gateway_association" "a" {
  subnet_id      = azurerm_subnet.s.id
  nat_gateway_id = azurerm_nat_gateway.g.id
}
"""


def test_a_nat_gateway_leads_out(tmp_path):
    assert machine(tmp_path, NAT) == [INTERNET]


def test_a_nat_gateway_that_does_not_exist_does_not(tmp_path):
    text = NAT.replace("resource_group_name", "count = 0\n  resource_group_name")
    text = text.replace("subnet_id ", "count = 0\n  subnet_id ").replace(
        "g.id", "g[0].id"
    )

    assert machine(tmp_path, text) == []


def table(route):
    return f"""
    resource "azurerm_route_table" "t" {{
      name                = "t"
      location            = "westeurope"
      resource_group_name = "rg"
      route {{
        name           = "r"
        {route}
      }}
    }}
    resource "azurerm_subnet_route_table_association" "t" {{
      subnet_id      = azurerm_subnet.s.id
      route_table_id = azurerm_route_table.t.id
    }}
    """


ALL = 'address_prefix = "0.0.0.0/0"\n'


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (ALL + 'next_hop_type = "None"', []),
        (ALL + 'next_hop_type = "Internet"', [INTERNET]),
        (ALL + 'next_hop_type = "VirtualNetworkGateway"', [PERHAPS]),
        (ALL + "next_hop_type = var.x", [PERHAPS]),
        (
            ALL
            + 'next_hop_type = "VirtualAppliance"\nnext_hop_in_ip_address = "10.9.0.4"',
            [PERHAPS],
        ),
        ('address_prefix = "10.0.0.0/8"\nnext_hop_type = "None"', [INTERNET]),
    ],
)
def test_a_route_table_comes_before_the_platform(tmp_path, route, expected):
    assert machine(tmp_path, NAT, table(route)) == expected


FIREWALL = """
resource "azurerm_subnet" "f" {
  name                            = "AzureFirewallSubnet"
  resource_group_name             = "rg"
  virtual_network_name            = azurerm_virtual_network.v.name
  address_prefixes                = ["10.40.240.0/24"]
}
resource "azurerm_firewall" "f" {
  name                = "f"
  location            = "westeurope"
  resource_group_name = "rg"
  sku_name            = "AZFW_VNet"
  sku_tier            = "Standard"
  firewall_policy_id  = azurerm_firewall_policy.p.id
  ip_configuration {
    name                 = "i"
    subnet_id            = azurerm_subnet.f.id
    public_ip_address_id = "x"
  }
}
resource "azurerm_firewall_policy" "p" {
  name                = "p"
  location            = "westeurope"
  resource_group_name = "rg"
}
resource "azurerm_firewall_policy_rule_collection_group" "g" {
  name               = "g"
  firewall_policy_id = azurerm_firewall_policy.p.id
  priority           = 100
  RULES
}
"""
APPLICATION = """
application_rule_collection {
    name     = "c"
    priority = 100
    action   = "Allow"
    rule {
      name              = "r"
      source_addresses  = ["%s"]
      destination_fqdns = ["%s"]
      protocols {
        type = "Https"
        port = 443
      }
    }
  }
"""
NETWORK = """
network_rule_collection {
    name     = "c"
    priority = 100
    action   = "Allow"
    rule {
      name                  = "r"
      protocols             = ["TCP"]
      source_addresses      = ["*"]
      destination_addresses = ["%s"]
      destination_ports     = ["443"]
    }
  }
"""
TO_FIREWALL = (
    ALL
    + 'next_hop_type = "VirtualAppliance"\n'
    + "next_hop_in_ip_address = "
    + "azurerm_firewall.f.ip_configuration[0].private_ip_address"
)
TO_ITS_ADDRESS = (
    ALL + 'next_hop_type = "VirtualAppliance"\nnext_hop_in_ip_address = "10.40.240.4"'
)


@pytest.mark.parametrize("route", [TO_FIREWALL, TO_ITS_ADDRESS])
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("", []),
        (APPLICATION % ("*", "pypi.org"), [("host", "pypi.org", True)]),
        (APPLICATION % ("10.40.0.0/20", "*"), [INTERNET]),
        (APPLICATION % ("10.77.0.0/20", "*"), []),
        (NETWORK % "*", [INTERNET]),
        (NETWORK % "203.0.113.0/24", []),
    ],
)
def test_a_firewall_lets_through_what_its_rules_name(tmp_path, route, rules, expected):
    text = FIREWALL.replace("RULES", rules)

    assert machine(tmp_path, table(route), text) == expected


def test_the_rule_of_a_firewall_that_lets_through_is_the_end_of_the_walk(tmp_path):
    text = FIREWALL.replace("RULES", NETWORK % "*")
    subnet = BASE.replace("SUBNET", PRIVATE).replace("CARD", "")
    estate = estate_of(tmp_path, subnet, table(TO_FIREWALL), text)

    [out] = [
        o
        for o in reaches(estate, estate.find("workload", MACHINE))
        if o.sink == "internet"
    ]
    assert out.hops[-1].span.resolved().text == '"*"'
    assert out.hops[-1].words == "lets it connect to the internet"


def rule(more, access="Deny", priority=100):
    return f"""
    resource "azurerm_network_security_group" "g" {{
      name                = "g"
      location            = "westeurope"
      resource_group_name = "rg"
    }}
    resource "azurerm_network_security_rule" "r" {{
      name                        = "r"
      network_security_group_name = azurerm_network_security_group.g.name
      resource_group_name         = "rg"
      priority                    = {priority}
      access                      = "{access}"
      protocol                    = "*"
      source_port_range           = "*"
      destination_port_range      = "*"
      {more}
    }}
    resource "azurerm_subnet_network_security_group_association" "g" {{
      subnet_id                 = azurerm_subnet.s.id
      network_security_group_id = azurerm_network_security_group.g.id
    }}
    """


ANYWHERE = 'destination_address_prefix = "*"'
OUT = 'direction = "Outbound"\n source_address_prefix = "*"\n'


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (OUT + 'destination_address_prefix = "Internet"', []),
        (OUT + 'destination_address_prefix = "*"', []),
        (OUT + 'destination_address_prefix = "203.0.113.0/24"', [INTERNET]),
        (OUT + "destination_address_prefix = var.x", [PERHAPS]),
        (OUT.replace('"*"', '"10.77.0.0/16"') + ANYWHERE, [INTERNET]),
        (OUT.replace("Outbound", "Inbound") + ANYWHERE, [INTERNET]),
    ],
)
def test_a_security_group_refuses_before_the_platform_allows(tmp_path, more, expected):
    assert machine(tmp_path, NAT, rule(more)) == expected


ENDPOINT = PRIVATE + '\n  service_endpoints = ["Microsoft.Storage"]\n'
POLICY = """
resource "azurerm_subnet_service_endpoint_storage_policy" "p" {
  name                = "p"
  location            = "westeurope"
  resource_group_name = "rg"
  definition {
    name              = "d"
    service_resources = ["/subscriptions/s/resourceGroups/rg"]
  }
}
"""


def test_a_service_endpoint_leads_to_the_stores_of_every_owner(tmp_path):
    assert machine(tmp_path, subnet=ENDPOINT) == [("any-store", "azure", True)]


def test_a_service_endpoint_policy_names_the_stores(tmp_path):
    attached = "service_endpoint_policy_ids = "
    attached += "[azurerm_subnet_service_endpoint_storage_policy.p.id]"

    assert machine(tmp_path, POLICY, subnet=ENDPOINT + attached) == []


def test_a_peering_leads_to_somebody_elses_network(tmp_path):
    peering = """
    resource "azurerm_virtual_network_peering" "p" {
      name                      = "p"
      resource_group_name       = "rg"
      virtual_network_name      = azurerm_virtual_network.v.name
      remote_virtual_network_id = "/subscriptions/1234/resourceGroups/o/providers/Microsoft.Network/virtualNetworks/w"
    }
    """

    assert machine(tmp_path, peering) == [("account", "1234", True)]


CLUSTER = """
resource "azurerm_kubernetes_cluster" "k" {
  name                = "k"
  location            = "westeurope"
  resource_group_name = "rg"
  dns_prefix          = "k"
  default_node_pool {
    name           = "system"
    vm_size        = "Standard_D8s_v5"
    SUBNET_ID
  }
  identity {
    type = "SystemAssigned"
  }
  OUTBOUND
}
"""


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("outbound", "expected"),
    [
        ("", [INTERNET]),
        ('"loadBalancer"', [INTERNET]),
        ('"managedNATGateway"', [INTERNET]),
        ('"none"', []),
        ('"block"', []),
        ("var.x", [PERHAPS]),
    ],
)
def test_nodes_leave_as_their_cluster_does(tmp_path, own, outbound, expected):
    profile = f"""
    network_profile {{
      network_plugin = "azure"
      outbound_type  = {outbound}
    }}
    """
    cluster = CLUSTER.replace("OUTBOUND", profile if outbound else "")
    subnet = "vnet_subnet_id = azurerm_subnet.s.id" if own else ""
    cluster = cluster.replace("SUBNET_ID", subnet)
    base = BASE.replace("SUBNET", PRIVATE).replace("CARD", "")
    estate = estate_of(tmp_path, base, cluster)

    assert outs(estate, "azurerm_kubernetes_cluster.k") == expected
    assert outs(estate, MACHINE) == []  # other machines have no load balancer


@pytest.mark.parametrize(
    ("outbound", "words"),
    [
        ("loadBalancer", "the cluster's own load balancer leads out to the internet"),
        (
            "managedNATGateway",
            "the cluster's own NAT gateway leads out to the internet",
        ),
    ],
)
def test_by_what_nodes_leave_is_said(tmp_path, outbound, words):
    profile = f"""
    network_profile {{
      network_plugin = "azure"
      outbound_type  = "{outbound}"
    }}
    """
    cluster = CLUSTER.replace("OUTBOUND", profile)
    cluster = cluster.replace("SUBNET_ID", "vnet_subnet_id = azurerm_subnet.s.id")
    base = BASE.replace("SUBNET", PRIVATE).replace("CARD", "")
    estate = estate_of(tmp_path, base, cluster)

    found = reaches(estate, estate.find("workload", "azurerm_kubernetes_cluster.k"))
    assert {out.hops[-1].words for out in found} == {words}


WORKSPACE = """
resource "azurerm_machine_learning_workspace" "w" {
  name                    = "w"
  location                = "westeurope"
  resource_group_name     = "rg"
  application_insights_id = "i"
  key_vault_id            = "v"
  storage_account_id      = "s"
  identity {
    type = "SystemAssigned"
  }
  MANAGED
}
resource "azurerm_machine_learning_compute_cluster" "c" {
  name                          = "c"
  location                      = "westeurope"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.w.id
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_NC24ads_A100_v4"
  COMPUTE
}
"""
FQDN = """
resource "azurerm_machine_learning_workspace_network_outbound_rule_fqdn" "r" {
  name             = "r"
  workspace_id     = azurerm_machine_learning_workspace.w.id
  destination_fqdn = "pypi.org"
}
"""


@pytest.mark.parametrize(
    ("mode", "compute", "expected"),
    [
        ("", "", [INTERNET]),
        ("AllowInternetOutbound", "", [INTERNET]),
        ("AllowOnlyApprovedOutbound", "", [("host", "pypi.org", True)]),
        ("", "subnet_resource_id = azurerm_subnet.s.id", []),
        ("", "subnet_resource_id = var.x", [PERHAPS]),
    ],
)
def test_computes_of_a_workspace(tmp_path, mode, compute, expected):
    managed = f'managed_network {{\n isolation_mode = "{mode}"\n }}' if mode else ""
    compute = f"{compute}\n node_public_ip_enabled = false" if compute else ""
    text = WORKSPACE.replace("MANAGED", managed).replace("COMPUTE", compute)
    base = BASE.replace("SUBNET", PRIVATE).replace("CARD", "")
    estate = estate_of(tmp_path, base, text, FQDN)

    assert outs(estate, "azurerm_machine_learning_compute_cluster.c") == expected


INBOUND = OUT.replace("Outbound", "Inbound") + ANYWHERE


@pytest.mark.parametrize(
    ("more", "access", "card", "expected"),
    [
        (INBOUND, "Allow", True, [True]),
        (INBOUND, "Allow", False, []),
        (INBOUND, "Deny", True, []),
        (INBOUND, "var.x", True, ["unknown"]),
        (INBOUND.replace('"*"', '"10.0.0.0/8"', 1), "Allow", True, []),
        (INBOUND.replace('"*"', '"Internet"', 1), "Allow", True, [True]),
        (INBOUND.replace('"*"', "var.x", 1), "Allow", True, ["unknown"]),
        (OUT + ANYWHERE, "Allow", True, []),
    ],
)
def test_what_opens_remote_administration(tmp_path, more, access, card, expected):
    shown = "public_ip_address_id = azurerm_public_ip.p.id" if card else ""
    address = 'resource "azurerm_public_ip" "p" {\n  name = "p"\n}\n'
    base = BASE.replace("SUBNET", PRIVATE).replace("CARD", shown)
    group = rule(more, access).replace('"var.x"', "var.x")
    estate = estate_of(tmp_path, base, address, group)
    workload = estate.find("workload", MACHINE)
    (place,) = estate.networks.of(workload)

    told = [truth if isinstance(truth, bool) else "unknown" for truth, _ in place.admin]
    assert told == expected


def network_fact(folder, name, *more, network="", account=""):
    store = f"""
    resource "azurerm_storage_account" "a" {{
      name                = "acmew"
      resource_group_name = "rg"
      location            = "westeurope"
      tags                = {{ "mlsec-holds" = "weights" }}
      {account}
    }}
    """
    base = BASE.replace("SUBNET", PRIVATE).replace("CARD", "")
    base = base.replace('["10.40.0.0/16"]', f'["10.40.0.0/16"]\n  {network}')
    estate = estate_of(folder, base, store, *more)
    value = estate.find("network", "azurerm_virtual_network.v").fact(name).value
    return value if isinstance(value, bool) else "unknown"


TO_STORE = """
resource "azurerm_private_endpoint" "e" {
  name                = "e"
  location            = "westeurope"
  resource_group_name = "rg"
  subnet_id           = azurerm_subnet.s.id
  private_service_connection {
    name                           = "c"
    private_connection_resource_id = RESOURCE
    is_manual_connection           = false
    subresource_names              = ["blob"]
  }
}
"""


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("azurerm_storage_account.a.id", True),
        ("azurerm_virtual_network.v.id", False),
        ("var.x", "unknown"),
        (None, False),
    ],
)
def test_whether_weight_stores_answer_inside(tmp_path, resource, expected):
    more = [TO_STORE.replace("RESOURCE", resource)] if resource else []

    assert network_fact(tmp_path, "services.private", *more) == expected


DNS = FIREWALL.replace("RULES", "").replace(
    'name                = "p"', 'name = "p"\n  dns {\n    proxy_enabled = ON\n  }'
)
AT_FIREWALL = "[azurerm_firewall.f.ip_configuration[0].private_ip_address]"


@pytest.mark.parametrize(
    ("servers", "proxy", "expected"),
    [
        ("", "true", True),
        (AT_FIREWALL, "true", False),
        (AT_FIREWALL, "false", True),
        (AT_FIREWALL, "var.x", "unknown"),
        ('["10.9.9.9"]', "true", "unknown"),
        ("var.x", "true", "unknown"),
    ],
)
def test_who_answers_for_names(tmp_path, servers, proxy, expected):
    network = f"dns_servers = {servers}" if servers else ""
    firewall = DNS.replace("ON", proxy)

    assert network_fact(tmp_path, "dns.open", firewall, network=network) == expected


BALANCER = """
resource "azurerm_lb" "l" {
  name                = "l"
  location            = "westeurope"
  resource_group_name = "rg"
  frontend_ip_configuration {
    name = "f"
    FRONT
  }
}
resource "azurerm_lb_backend_address_pool" "p" {
  loadbalancer_id = azurerm_lb.l.id
  name            = "p"
}
resource "azurerm_network_interface_backend_address_pool_association" "a" {
  network_interface_id    = azurerm_network_interface.n.id
  ip_configuration_name   = "i"
  backend_address_pool_id = azurerm_lb_backend_address_pool.p.id
}
"""
OUTBOUND_RULE = """
resource "azurerm_lb_outbound_rule" "o" {
  loadbalancer_id         = azurerm_lb.l.id
  name                    = "o"
  protocol                = "All"
  backend_address_pool_id = azurerm_lb_backend_address_pool.p.id
}
"""
IN_RULE = """
resource "azurerm_lb_rule" "i" {
  loadbalancer_id          = azurerm_lb.l.id
  name                     = "i"
  backend_address_pool_ids = [azurerm_lb_backend_address_pool.p.id]
  disable_outbound_snat    = OFF
}
"""
SHOWN = 'public_ip_address_id = "x"'


@pytest.mark.parametrize(
    ("front", "rules", "expected"),
    [
        (SHOWN, OUTBOUND_RULE, [INTERNET]),
        (SHOWN, "", []),
        ("subnet_id = azurerm_subnet.s.id", OUTBOUND_RULE, []),
        (SHOWN, IN_RULE.replace("OFF", "false"), [INTERNET]),
        (SHOWN, IN_RULE.replace("OFF", "true"), []),
        (SHOWN, IN_RULE.replace("OFF", "var.x"), [PERHAPS]),
    ],
)
def test_a_load_balancer_leads_the_machines_of_its_pool_out(
    tmp_path, front, rules, expected
):
    assert machine(tmp_path, BALANCER.replace("FRONT", front), rules) == expected


HUB = """
resource "azurerm_virtual_hub_connection" "h" {
  name                      = "h"
  virtual_hub_id            = "x"
  remote_virtual_network_id = azurerm_virtual_network.v.id
  internet_security_enabled = ON
}
"""
VPN = """
resource "azurerm_subnet" "g" {
  name                 = "GatewaySubnet"
  resource_group_name  = "rg"
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = ["10.40.255.0/27"]
}
resource "azurerm_virtual_network_gateway" "g" {
  name                = "g"
  location            = "westeurope"
  resource_group_name = "rg"
  type                = "Vpn"
  sku                 = "VpnGw1"
  ip_configuration {
    subnet_id            = azurerm_subnet.g.id
    public_ip_address_id = "x"
  }
}
"""


@pytest.mark.parametrize(
    ("secured", "subnet", "certain"),
    [("true", "", False), ("false", "", True), ("var.x", "", False)],
)
def test_a_secured_hub_takes_the_default_route(tmp_path, secured, subnet, certain):
    found = machine(tmp_path, HUB.replace("ON", secured), subnet=subnet)

    assert ((INTERNET in found), (PERHAPS in found)) == (certain, not certain)


def test_what_lies_behind_a_vpn_is_not_known(tmp_path):
    assert [certain for *_, certain in machine(tmp_path, VPN)] == [False]
