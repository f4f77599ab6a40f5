package mns

// Properties are what a sender says of a message beside its body. The service keeps them and hands them on as they are,
// those of the system first: the vendor's PHP SDK finds them only there.
type Properties struct {
	System *systemProperties `xml:"SystemProperties" json:",omitempty" yaml:"system,omitempty"`
	User   *userProperties   `xml:"UserProperties" json:",omitempty" yaml:"user,omitempty"`
}

type userProperties struct {
	Values []property `xml:"PropertyValue"`
}

type systemProperties struct {
	Values []property `xml:"SystemPropertyValue"`
}

// property is one of them; the types that clients write are STRING, NUMBER, BOOLEAN and BINARY.
type property struct{ Name, Value, Type string }
