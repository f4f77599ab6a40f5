package cbn

import (
	"context"

	sdk "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/cloud"
)

// networksPerPage is the most that the API page names.
const networksPerPage = 50

// ListNetworks lists the first page of the network instances of a CEN: CBN API DescribeCenAttachedChildInstances. It
// filters by one type at most, so that two types are only told together without a filter.
func (c *Client) ListNetworks(
	ctx context.Context, filter cloud.NetworkFilter,
) (page cloud.Page[cloud.Network], err error) {
	request := &sdk.DescribeCenAttachedChildInstancesRequest{
		CenId: dara.String(filter.CenID), PageNumber: dara.Int32(1), PageSize: dara.Int32(networksPerPage),
	}
	s := c.session(filter.RegionID)
	body, err := ask(ctx, s, cloud.ActionNetworks, request, s.DescribeCenAttachedChildInstancesWithContext)
	switch {
	case err != nil:
		return page, err
	case body.ChildInstances == nil:
		return page, emptyAnswer(cloud.ActionNetworks)
	}
	page = pageOf(body.ChildInstances.ChildInstance, network, nil)
	page.Total = int(dara.Int32Value(body.TotalCount))
	return page, nil
}

func network(
	n *sdk.DescribeCenAttachedChildInstancesResponseBodyChildInstancesChildInstance,
) cloud.Network {
	return cloud.Network{Type: dara.StringValue(n.ChildInstanceType), Status: dara.StringValue(n.Status)}
}
